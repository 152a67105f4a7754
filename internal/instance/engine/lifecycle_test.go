package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func refused(t *testing.T, err error, text string) {
	t.Helper()
	var rule *store.BusinessRuleError
	require.ErrorAs(t, err, &rule)
	require.Contains(t, rule.Message, text)
}

func TestProfileGetsItsDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	p := w.draft()
	require.Equal(t, dictionary.ProfileStatusDraft, p[dictionary.ProfileStatus])
	require.Equal(t, "true", p[dictionary.ProfileDownload])
	require.Equal(t, "false", p[dictionary.ProfileDownloadActivity])
	require.Equal(t, "true", p[dictionary.ProfileReclaim])
	require.Equal(t, trelloAlias, p[dictionary.ProfileAlias])
	require.Equal(t, dictionary.SeedID(dictionary.TableSubflow, "Trello Download Subscriptions"), p[dictionary.ProfileDownloadSubflow])
	require.Equal(t, dictionary.SeedID(dictionary.TableSubflow, "Trello Reclaim Subscription"), p[dictionary.ProfileReclaimSubflow])
	require.Empty(t, p[dictionary.ProfileActivitySubflow])
	require.Equal(t, "Role: Product admin; scopes: read, account", p[dictionary.ProfileVendorConfDownload])
}

func TestProfileRulesRefuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.draft()
	insert := func(values store.Row) error {
		_, err := w.Insert(t.Context(), dictionary.TableProfile, values, store.WriteOptions{})
		return err
	}
	update := func(values store.Row) error {
		_, err := w.Update(t.Context(), dictionary.TableProfile, w.profile, values, store.WriteOptions{})
		return err
	}
	refused(t, insert(store.Row{"display_name": "A", "profile_type": "nope"}), `unknown profile type "nope"`)
	refused(t, insert(store.Row{"display_name": "A", "profile_type": dictionary.TypeAsana}), "Asana Spoke (sn_asana_spoke) is not installed")
	refused(t, insert(store.Row{"display_name": "A", "profile_type": dictionary.TypeTrello}), `used by the integration profile "Trello Enterprise"`)
	refused(t, insert(store.Row{"display_name": " ", "profile_type": dictionary.TypeTrello}), "needs a display name")
	refused(t, insert(store.Row{"display_name": "A", "profile_type": dictionary.TypeTrello, "status": "published"}), "starts in Draft")
	refused(t, insert(store.Row{"display_name": "A", "profile_type": dictionary.TypeTrello, "connection_credential": "x^ORsys_idISNOTEMPTY"}), "no connection & credential alias")
	for _, off := range []string{"false", "0", "False", ""} {
		refused(t, update(store.Row{"download_subscriptions": off}), "download_subscriptions cannot be cleared")
	}
	refused(t, insert(store.Row{"display_name": "A", "profile_type": dictionary.TypeTrello, "download_subscriptions": "0"}), "cannot be cleared")
	refused(t, update(store.Row{"download_activity": "true"}), "no activity subflow")
	refused(t, update(store.Row{"profile_type": dictionary.TypeAsana}), "cannot be changed")
	refused(t, update(store.Row{"status": "published"}), "has not been validated")
	refused(t, update(store.Row{"custom_properties": "{"}), "JSON")

	child := w.insert(dictionary.TableAlias, store.Row{"name": "second", "parent": trelloAlias})
	var conflict *store.ConflictError
	require.ErrorAs(t, insert(store.Row{
		"display_name": "trello enterprise", "profile_type": dictionary.TypeTrello, "connection_credential": child["sys_id"],
	}), &conflict)
	require.Equal(t, []string{"display_name"}, conflict.Columns)
}

func TestValidationIsTheGateToPublishing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.draft()
	_, err := w.StartPublish(t.Context(), w.profile, "")
	refused(t, err, "has not been validated")

	invalid := w.validate()
	require.False(t, invalid.Valid)
	require.Contains(t, invalid.Checks[0].Message, "The connection record is not associated with the Connection and credential field")

	w.connect()
	valid := w.validate()
	require.True(t, valid.Valid, "%+v", valid)
	require.Equal(t, w.clock.Now(), valid.ValidatedAt)
	require.Empty(t, w.trello.Requests().Writes, "validation never writes")

	published := w.republish()
	require.Len(t, published.Models, 1)
	require.Len(t, published.Rules, 1)
	require.Equal(t, "SAM - Refresh Trello Enterprise Subscriptions", published.Jobs[0].Name)
	require.Equal(t, dictionary.ProfileStatusPublished, w.get(dictionary.TableProfile, w.profile)[dictionary.ProfileStatus])
	rule := w.get(dictionary.TableReclamationRule, published.Rules[0].SysID)
	require.Equal(t, "60", rule[dictionary.RuleThresholdDays])
	require.Equal(t, "true", rule[dictionary.RuleCreateCandidate])
	require.Equal(t, "false", rule[dictionary.RuleNotifyUser])
	job := w.get(dictionary.TableScheduledJob, published.Jobs[0].SysID)
	require.Equal(t, dictionary.JobRunDaily, job[dictionary.JobRunType])
	require.Equal(t, w.clock.Now().Format(time.DateTime), job[dictionary.JobNextRun], "the first run is due at once")

	require.Equal(t, published, w.republish(), "publishing again makes nothing new")
}

func TestBadConnectionsAreNotValid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	connection := w.connect()
	w.draft()
	for url, text := range map[string]string{
		"https://evil.example.com/": "not the vendor's",
		"http://api.trello.com/":    "unencrypted",
	} {
		w.update(dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"connection_url": url})
		invalid := w.validate()
		require.False(t, invalid.Valid)
		require.Contains(t, invalid.Checks[0].Message, text)
	}
	require.Zero(t, w.trello.Requests().Total, "nothing was sent anywhere")
	_, err := w.Update(t.Context(), dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"connection_url": "api.trello.com"}, store.WriteOptions{})
	refused(t, err, "has no scheme")
	_, err = w.Update(t.Context(), dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"connection_url": "https://u:geheim@api.trello.com"}, store.WriteOptions{})
	refused(t, err, "carries a user")
	require.NotContains(t, err.Error(), "geheim")
}

func TestChangesMakeTheValidationStale(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world, connection store.Row){
		"connection deactivated": func(w *world, c store.Row) {
			w.update(dictionary.TableHTTPConnection, c["sys_id"], store.Row{"active": "false"})
		},
		"connection deleted": func(w *world, c store.Row) {
			require.NoError(w.t, w.Delete(w.t.Context(), dictionary.TableHTTPConnection, c["sys_id"]))
		},
		"credential changed": func(w *world, c store.Row) {
			w.update(dictionary.TableAPIKeyCredential, c["credential"], store.Row{"api_token": "another"})
		},
		"vendor options changed": func(w *world, _ store.Row) {
			w.update(dictionary.TableProfile, w.profile, store.Row{"custom_properties": `{"vendor_config":{"enterprise_id":"65a0"}}`})
		},
		"validation time forged": func(w *world, c store.Row) {
			w.update(dictionary.TableHTTPConnection, c["sys_id"], store.Row{"active": "false"})
			w.update(dictionary.TableProfile, w.profile, store.Row{"custom_properties": `{"connection_validated_on":"2026-11-24 10:00:00"}`})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 3)
			connection := w.connect()
			w.draft()
			require.True(t, w.validate().Valid)
			change(w, connection)
			_, err := w.StartPublish(t.Context(), w.profile, "")
			refused(t, err, "has not been validated")
		})
	}
}

func TestSameSecretIsNoChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	connection := w.connect()
	before := w.get(dictionary.TableAPIKeyCredential, connection["credential"])
	require.NotContains(t, before["api_key"], w.trello.Key())
	w.update(dictionary.TableAPIKeyCredential, connection["credential"], store.Row{"api_key": w.trello.Key()})
	require.Equal(t, before, w.get(dictionary.TableAPIKeyCredential, connection["credential"]))
	_, err := w.Update(t.Context(), dictionary.TableAPIKeyCredential, connection["credential"], store.Row{"api_key": "raw"}, store.WriteOptions{})
	require.NoError(t, err)
	require.Equal(t, before, w.get(dictionary.TableAPIKeyCredential, connection["credential"]), "a secret is written as a display value only")
}

func TestPublishedProfileFallsBackToDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.publish()
	child := w.insert(dictionary.TableAlias, store.Row{"name": "other", "parent": trelloAlias})
	require.Equal(t, "sn_trello_spoke.other", child["id"])

	p := w.update(dictionary.TableProfile, w.profile, store.Row{"reclaim_subscriptions": "false"})
	require.Equal(t, dictionary.ProfileStatusPublished, p["status"], "the reclaim toggle does not unpublish")

	p = w.update(dictionary.TableProfile, w.profile, store.Row{"connection_credential": child["sys_id"]})
	require.Equal(t, dictionary.ProfileStatusDraft, p["status"])
	_, err := w.StartPublish(t.Context(), w.profile, "")
	refused(t, err, "has not been validated")
	_, err = w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{}, "")
	refused(t, err, "is in Draft")

	w.update(dictionary.TableProfile, w.profile, store.Row{"connection_credential": trelloAlias})
	require.True(t, w.validate().Valid)
	p = w.update(dictionary.TableProfile, w.profile, store.Row{"status": "published"})
	require.Equal(t, dictionary.ProfileStatusPublished, p["status"], "writing the status publishes a validated profile")
	p = w.update(dictionary.TableProfile, w.profile, store.Row{"status": "draft"})
	require.Equal(t, dictionary.ProfileStatusDraft, p["status"], "somebody clicked")
}

// confluenceSpoke makes the spoke of Confluence count as installed; nothing calls the vendor.
func confluenceSpoke(o *engine.Options) {
	o.Connectors[dictionary.VendorConfluence] = o.Connectors[dictionary.VendorTrello]
}

func TestAliasFollowsTheToggles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3).reopen(unlimited, confluenceSpoke)
	alias := func(name string) string { return dictionary.SeedID(dictionary.TableAlias, "sn_conflunce_spoke."+name) }
	p := w.insert(dictionary.TableProfile, store.Row{"display_name": "Confluence", "profile_type": dictionary.TypeConfluence})
	require.Equal(t, "true", p["download_activity"])
	require.Equal(t, alias("confluence_subscription_activity_reclaim"), p["connection_credential"])
	require.Equal(t, "2026-09-25 10:00:00", p["analyze_activity_from"])
	p = w.update(dictionary.TableProfile, p["sys_id"], store.Row{"download_activity": "false"})
	require.Equal(t, alias("confluence_subscription_reclaim"), p["connection_credential"])
	p = w.update(dictionary.TableProfile, p["sys_id"], store.Row{"reclaim_subscriptions": "false"})
	require.Equal(t, alias("confluence_subscription"), p["connection_credential"])

	child := w.insert(dictionary.TableAlias, store.Row{"name": "mine", "parent": alias("Confluence_Cloud")})
	w.update(dictionary.TableProfile, p["sys_id"], store.Row{"connection_credential": child["sys_id"]})
	p = w.update(dictionary.TableProfile, p["sys_id"], store.Row{"reclaim_subscriptions": "true"})
	require.Equal(t, child["sys_id"], p["connection_credential"], "an alias that a person chose stays")

	_, err := w.Update(t.Context(), dictionary.TableProfile, p["sys_id"], store.Row{"analyze_activity_from": "2026-09-01 00:00:00"}, store.WriteOptions{})
	refused(t, err, "at most 60 days back")
}

func TestOldFamilyHasNeitherTogglesNorValidation(t *testing.T) {
	t.Parallel()
	washington := func(o *engine.Options) { o.ReleaseFamily = dictionary.WashingtonDC }
	w := newWorld(t, 3).reopen(unlimited, confluenceSpoke, washington)
	p := w.insert(dictionary.TableProfile, store.Row{"display_name": "Wiki", "profile_type": dictionary.TypeConfluence})
	w.profile = p["sys_id"]
	published := w.republish() // that family has no Validate Connection
	require.Len(t, published.Jobs, 2)
	require.Equal(t, "SAM - Refresh Wiki Activity", published.Jobs[1].Name)
	require.Equal(t, "published", w.get(dictionary.TableProfile, w.profile)["status"])
	require.Equal(t, "sn_conflunce_spoke.Confluence_Cloud", w.get(dictionary.TableAlias, p["connection_credential"])["id"])
	require.Empty(t, p["vendor_configuration_download"])

	_, err := w.Update(t.Context(), dictionary.TableProfile, w.profile, store.Row{"download_activity": "false"}, store.WriteOptions{})
	refused(t, err, "has no toggles")
	_, err = w.Insert(t.Context(), dictionary.TableProfile, store.Row{"display_name": "W", "profile_type": dictionary.TypeConfluence, "reclaim_subscriptions": "false"}, store.WriteOptions{})
	refused(t, err, "has no toggles")
	_, err = w.StartValidate(t.Context(), w.profile, "")
	refused(t, err, "does not validate connections")
	_, err = w.Insert(t.Context(), dictionary.TableUserExclusion, store.Row{"user_principal_name": "a@example.com"}, store.WriteOptions{})
	refused(t, err, "exclusion rules came with the release Zurich")
}

func TestRenamedProfileRenamesItsJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.publish()
	w.update(dictionary.TableProfile, w.profile, store.Row{"display_name": "Boards"})
	jobs := w.find(dictionary.TableScheduledJob, "subscription_profile="+w.profile)
	require.Len(t, jobs, 1)
	require.Equal(t, "SAM - Refresh Boards Subscriptions", jobs[0]["name"])
}

func TestAliasRulesRefuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	connection := w.connect()
	insert := func(values store.Row) error {
		_, err := w.Insert(t.Context(), dictionary.TableAlias, values, store.WriteOptions{})
		return err
	}
	refused(t, insert(store.Row{"name": "not good"}), "letters, digits and underscore")
	refused(t, insert(store.Row{"name": "a", "parent": "0123"}), "no alias with sys_id")
	refused(t, w.Delete(t.Context(), dictionary.TableAlias, trelloAlias), "belongs to its spoke")

	child := w.insert(dictionary.TableAlias, store.Row{"name": "child", "parent": trelloAlias})
	refused(t, insert(store.Row{"name": "grandchild", "parent": child["sys_id"]}), "itself a child alias")
	_, err := w.Update(t.Context(), dictionary.TableAlias, child["sys_id"], store.Row{"parent": ""}, store.WriteOptions{})
	refused(t, err, "parent of an alias cannot be changed")
	var conflict *store.ConflictError
	require.ErrorAs(t, insert(store.Row{"name": "child", "parent": trelloAlias}), &conflict)

	w.insert(dictionary.TableProfile, store.Row{"display_name": "P", "profile_type": dictionary.TypeTrello, "connection_credential": child["sys_id"]})
	refused(t, w.Delete(t.Context(), dictionary.TableAlias, child["sys_id"]), `used by the integration profile "P"`)

	_, err = w.Insert(t.Context(), dictionary.TableHTTPConnection, store.Row{
		"name": "Second", "connection_alias": trelloAlias, "connection_url": "https://api.trello.com/",
	}, store.WriteOptions{})
	refused(t, err, `an active connection already: "Trello"`)
	require.NotEmpty(t, connection["sys_id"])
}

func TestDeletedProfileTakesItsOwnWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 25)
	w.publish()
	published := w.refresh()
	require.Positive(t, published.CandidatesOpened)
	require.NoError(t, w.Delete(t.Context(), dictionary.TableProfile, w.profile))

	require.Zero(t, w.count(dictionary.TableSubscription, ""))
	require.Zero(t, w.count(dictionary.TableScheduledJob, "subscription_profile="+w.profile))
	require.Zero(t, w.count(dictionary.TableCandidate, "active=true"))
	skipped := w.find(dictionary.TableCandidate, "state="+dictionary.StateClosedSkipped)
	require.Len(t, skipped, published.CandidatesOpened)
	require.Empty(t, skipped[0]["user_subscription"])
	require.Contains(t, skipped[0]["work_notes"], "the integration profile Trello Enterprise was deleted")
	require.Equal(t, 1, w.count(dictionary.TableReclamationRule, ""))
	require.Equal(t, 1, w.count(dictionary.TableSoftwareModel, ""))
	require.Equal(t, 1, w.count(dictionary.TableJobLog, ""))

	w.draft()
	require.True(t, w.validate().Valid)
	w.republish()
	require.Equal(t, 1, w.count(dictionary.TableReclamationRule, ""), "the rule is used again")
	require.Equal(t, 1, w.count(dictionary.TableSoftwareModel, ""))
}

func TestWritesWithoutChangeHaveNoConsequences(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	connection := w.connect()
	w.draft()
	require.True(t, w.validate().Valid)
	w.republish()
	profile := w.get(dictionary.TableProfile, w.profile)
	w.update(dictionary.TableAlias, trelloAlias, store.Row{"name": "Trello_Alias", "type": "connection"})
	w.update(dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"active": "1", "name": "Trello"})
	w.update(dictionary.TableProfile, w.profile, store.Row{"reclaim_subscriptions": "1", "download_activity": "0", "download_subscriptions": "1"})
	require.Equal(t, profile, w.get(dictionary.TableProfile, w.profile))
}

func TestRenamedAliasGetsANewID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	child := w.insert(dictionary.TableAlias, store.Row{"name": "old", "parent": trelloAlias})
	child = w.update(dictionary.TableAlias, child["sys_id"], store.Row{"name": "new"})
	require.Equal(t, "sn_trello_spoke.new", child["id"])
	top := w.insert(dictionary.TableAlias, store.Row{"name": "mine"})
	require.Equal(t, "mine", top["id"])
	_, err := w.Update(t.Context(), dictionary.TableAlias, trelloAlias, store.Row{"name": "Other"}, store.WriteOptions{})
	refused(t, err, "keeps its name")
	require.NoError(t, w.Delete(t.Context(), dictionary.TableAlias, child["sys_id"]))
}

func TestMovedConnectionStalesBothProfiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	connection := w.connect()
	w.draft()
	require.True(t, w.validate().Valid)
	child := w.insert(dictionary.TableAlias, store.Row{"name": "second", "parent": trelloAlias})
	w.update(dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"connection_alias": child["sys_id"]})
	_, err := w.StartPublish(t.Context(), w.profile, "")
	refused(t, err, "has not been validated")
	second := w.insert(dictionary.TableProfile, store.Row{"display_name": "B", "profile_type": dictionary.TypeTrello, "connection_credential": child["sys_id"]})
	w.profile = second["sys_id"]
	require.True(t, w.validate().Valid)
	w.update(dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"connection_alias": trelloAlias})
	_, err = w.StartPublish(t.Context(), w.profile, "")
	refused(t, err, "has not been validated")
}

func TestStartsAreIdempotent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.publish()
	first, err := w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{}, "run-1")
	require.NoError(t, err)
	again, err := w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{}, "run-1")
	require.NoError(t, err)
	require.Equal(t, first.Links, again.Links)
	w.ended(first, nil)
	ended, err := w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{}, "run-1")
	require.NoError(t, err)
	require.Equal(t, companion.StatusSuccessful, ended.Status)
	require.Equal(t, first.Links, ended.Links)
	other, err := w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{}, "run-2")
	require.NoError(t, err)
	require.NotEqual(t, first.Links, other.Links)
	w.ended(other, nil)
	require.Equal(t, 2, w.count(dictionary.TableJobLog, ""))
}

func TestUnknownObjectsAreNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	_, err := w.StartRefresh(t.Context(), "nope", companion.RefreshRequest{}, "")
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = w.StartValidate(t.Context(), "nope", "")
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = w.Progress(t.Context(), "nope")
	require.ErrorIs(t, err, store.ErrNotFound)
	require.True(t, errors.Is(w.Delete(t.Context(), dictionary.TableProfile, "nope"), store.ErrNotFound))
}

func TestCapabilitiesDoNotCreateTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	c, err := w.Capabilities(t.Context())
	require.NoError(t, err)
	require.Empty(t, c.InstanceID)
	require.Equal(t, companion.KindEmbedded, c.Kind)
	installed := map[string]bool{}
	for _, p := range c.ProfileTypes {
		installed[p.Vendor] = p.Installed
	}
	require.Equal(t, map[string]bool{"trello": true, "asana": false, "confluence": false, "": false}, installed)
	w.draft()
	c, err = w.Capabilities(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, c.InstanceID)
}
