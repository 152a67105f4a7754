package engine

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func (e *Engine) profileRules() tableRules {
	return tableRules{
		beforeInsert: e.beforeProfileInsert,
		beforeUpdate: e.beforeProfileUpdate,
		afterUpdate:  e.afterProfileUpdate,
		afterDelete:  afterProfileDelete,
	}
}

// profileType finds the type of a profile and checks that its spoke is installed.
func (e *Engine) profileType(c *change, value string) (dictionary.ProfileType, error) {
	t, ok := dictionary.ProfileTypeByValue(e.opt.ReleaseFamily, value)
	if !ok {
		var known []string
		for _, t := range dictionary.ProfileTypes(e.opt.ReleaseFamily) {
			known = append(known, t.Value)
		}
		return t, c.refuse("Profile type must be known", "unknown profile type %q; known are %s", value, strings.Join(known, ", "))
	}
	if e.opt.Connectors[t.Vendor] == nil {
		if t.SpokeScope == "" {
			return t, c.refuse("Spoke must be installed", "profiles of type %s run customer subflows, which this instance cannot run", t.Label)
		}
		return t, c.refuse("Spoke must be installed", "the %s (%s) is not installed on this instance; install it as an optional feature of "+
			"SaaS License Management, then create the profile again", t.SpokeName, t.SpokeScope)
	}
	return t, nil
}

func (e *Engine) beforeProfileInsert(ctx context.Context, c *change) error {
	t, err := e.profileType(c, c.values[dictionary.ProfileType_])
	if err != nil {
		return err
	}
	if strings.TrimSpace(c.values[dictionary.ProfileDisplayName]) == "" {
		return c.refuse("Display name is mandatory", "an integration profile needs a display name")
	}
	if status := c.values[dictionary.ProfileStatus]; status == dictionary.ProfileStatusPublished {
		return c.refuse("Publish needs a validated connection", "a new profile starts in Draft; validate its connection, then publish it")
	}
	c.values[dictionary.ProfileStatus] = dictionary.ProfileStatusDraft
	for _, check := range []func(*change) error{checkDownload, func(c *change) error { return checkToggles(c, t) }} {
		if err := check(c); err != nil {
			return err
		}
	}
	c.values[dictionary.ProfileDownload] = "true"
	c.fill(dictionary.ProfileDownloadActivity, boolean(t.ActivitySubflow))
	c.fill(dictionary.ProfileReclaim, boolean(t.Subflows[dictionary.ProcessReclaim] != ""))
	if err := checkActivity(c, t); err != nil {
		return err
	}
	if err := fillSubflows(ctx, c, t); err != nil {
		return err
	}
	fillVendorConfiguration(c, t)
	if t.ActivitySubflow {
		c.fill(dictionary.ProfileAnalyzeFrom, formatDateTime(c.tx.Now().AddDate(0, 0, -t.LookbackDays)))
	}
	if err := checkAnalyzeFrom(c, t); err != nil {
		return err
	}
	properties, err := withValidatedOn(c.values[dictionary.ProfileCustomProperties], "")
	if err != nil {
		return c.refuse("Custom properties must be JSON", "%v", err)
	}
	parsed, err := parseProperties(properties)
	if err != nil {
		return c.refuse("Custom properties must be JSON", "%v", err)
	}
	if err := checkLookback(c, t, parsed.ActivityLookbackDays); err != nil {
		return err
	}
	if c.values[dictionary.ProfileCustomProperties], err = withProperty(properties, propertyResolvedGroups, ""); err != nil {
		return err
	}
	if c.values[dictionary.ProfileAlias] == "" {
		if err := setDefaultAlias(ctx, c, t); err != nil {
			return err
		}
	}
	return e.checkProfileAlias(ctx, c, t)
}

func (e *Engine) beforeProfileUpdate(ctx context.Context, c *change) error {
	if c.changes(dictionary.ProfileType_) {
		return c.refuse("Profile type is fixed", "the profile type of an integration profile cannot be changed after it was created; create another profile")
	}
	t, ok := dictionary.ProfileTypeByValue(e.opt.ReleaseFamily, c.before[dictionary.ProfileType_])
	if !ok {
		return c.refuse("Profile type must be known", "unknown profile type %q", c.before[dictionary.ProfileType_])
	}
	if name, ok := c.values[dictionary.ProfileDisplayName]; ok && strings.TrimSpace(name) == "" {
		return c.refuse("Display name is mandatory", "an integration profile needs a display name")
	}
	for _, check := range []func(*change) error{
		checkDownload,
		func(c *change) error { return checkToggles(c, t) },
		func(c *change) error { return checkActivity(c, t) },
		func(c *change) error { return checkAnalyzeFrom(c, t) },
	} {
		if err := check(c); err != nil {
			return err
		}
	}
	if err := followToggles(ctx, c, t); err != nil {
		return err
	}
	if c.changes(dictionary.ProfileAlias) {
		if err := e.checkProfileAlias(ctx, c, t); err != nil {
			return err
		}
	}
	fillVendorConfiguration(c, t)
	revalidate, err := reconcileProperties(c, t)
	if err != nil {
		return err
	}
	return e.settleStatus(c, t, revalidate || c.changes(dictionary.ProfileAlias) || c.changes(dictionary.ProfileDownloadActivity))
}

// settleStatus applies the lifecycle: a change that needs a new validation sends a published profile back to Draft, and
// only a validated one becomes Published.
func (e *Engine) settleStatus(c *change, t dictionary.ProfileType, revalidate bool) error {
	if revalidate {
		properties, err := withValidatedOn(c.after(dictionary.ProfileCustomProperties), "")
		if err != nil {
			return err
		}
		c.values[dictionary.ProfileCustomProperties] = properties
		if t.Toggles {
			c.values[dictionary.ProfileStatus] = dictionary.ProfileStatusDraft
		}
		return nil
	}
	switch status, written := c.values[dictionary.ProfileStatus]; {
	case !written || status == c.before[dictionary.ProfileStatus]:
		return nil
	case status == dictionary.ProfileStatusDraft:
		return nil
	case status == dictionary.ProfileStatusPublished:
		return e.requireValidated(c.before)
	default:
		return c.refuse("Status is Draft or Published", "unknown status %q", status)
	}
}

func (e *Engine) afterProfileUpdate(ctx context.Context, c *change) error {
	id := c.sysID()
	if c.changes(dictionary.ProfileDisplayName) {
		if err := renameJobs(ctx, c.tx, id, c.before[dictionary.ProfileDisplayName], c.values[dictionary.ProfileDisplayName]); err != nil {
			return err
		}
	}
	if c.changes(dictionary.ProfileDownloadActivity) && !isTrue(c.values[dictionary.ProfileDownloadActivity]) {
		if err := deleteJob(ctx, c.tx, id, activityJobName(c.after(dictionary.ProfileDisplayName))); err != nil {
			return err
		}
	}
	if c.changes(dictionary.ProfileStatus) && c.values[dictionary.ProfileStatus] == dictionary.ProfileStatusPublished {
		profile := maps.Clone(c.before)
		maps.Copy(profile, c.values)
		_, err := e.publishObjects(ctx, c.tx, profile)
		return err
	}
	return nil
}

// afterProfileDelete removes what belongs to the profile and closes its open candidates. Models, reclamation rules, job
// results and the alias stay.
func afterProfileDelete(ctx context.Context, c *change) error {
	id := c.sysID()
	if err := revokeLease(ctx, c.tx, profileLease(id)); err != nil {
		return err
	}
	note := "Closed because the integration profile " + c.before[dictionary.ProfileDisplayName] + " was deleted."
	closing := mass{event: eventProfileDeleted, note: "?", condition: "subscription_profile = ?", args: []any{note, id}}
	if _, err := transitAll(ctx, c.tx, closing); err != nil {
		return err
	}
	for _, statement := range []string{
		`UPDATE samp_sw_reclamation_candidate SET user_subscription = '' WHERE subscription_profile = ?`,
		`DELETE FROM samp_sw_subscription WHERE subscription_profile = ?`,
		`DELETE FROM sam_saas_consumption_summary WHERE subscription_profile = ?`,
		`DELETE FROM sysauto_script WHERE subscription_profile = ?`,
		`DELETE FROM snsam_activity WHERE profile = ?`,
		`DELETE FROM snsam_tenant WHERE profile = ?`,
		`DELETE FROM snsam_forgotten WHERE profile = ?`,
		`DELETE FROM snsam_undo WHERE profile = ?`,
	} {
		if _, err := c.tx.Exec(ctx, statement, id); err != nil {
			return err
		}
	}
	_, err := settle(ctx, c.tx, func(identifierUse) bool { return false })
	return err
}

func checkDownload(c *change) error {
	v, written := c.values[dictionary.ProfileDownload]
	leftOut := v == "" && c.before == nil
	if written && !leftOut && !isTrue(v) {
		return c.refuse("Download subscriptions is always on", "download_subscriptions cannot be cleared")
	}
	return nil
}

func checkActivity(c *change, t dictionary.ProfileType) error {
	if isTrue(c.values[dictionary.ProfileDownloadActivity]) && !t.ActivitySubflow {
		return c.refuse("Download activity needs a subflow", "%s has no activity subflow: its activity comes with the subscriptions; "+
			"leave download_activity off", t.Label)
	}
	return nil
}

// checkAnalyzeFrom holds a new start of the activity analysis to the longest look-back; one that ages in place stays good.
func checkAnalyzeFrom(c *change, t dictionary.ProfileType) error {
	if !c.changes(dictionary.ProfileAnalyzeFrom) || c.values[dictionary.ProfileAnalyzeFrom] == "" || t.LookbackDays == 0 {
		return nil
	}
	const rule = "Analyze user activity from is limited"
	from, ok := parseDateTime(c.values[dictionary.ProfileAnalyzeFrom])
	if !ok {
		return c.refuse("Analyze user activity from is a time", "analyze_activity_from %q is not a date-time such as 2026-01-31 12:00:00", c.values[dictionary.ProfileAnalyzeFrom])
	}
	earliest := c.tx.Now().AddDate(0, 0, -t.LookbackDays).Truncate(24 * time.Hour)
	if from.After(c.tx.Now()) {
		return c.refuse(rule, "analyze_activity_from %s lies in the future; the latest is now", formatDateTime(from))
	}
	if from.Before(earliest) {
		return c.refuse(rule, "analyze_activity_from may lie at most %d days back for %s; the earliest is %s",
			t.LookbackDays, t.Label, formatDateTime(earliest))
	}
	return nil
}

func fillSubflows(ctx context.Context, c *change, t dictionary.ProfileType) error {
	for process, column := range map[dictionary.Process]string{
		dictionary.ProcessDownload: dictionary.ProfileDownloadSubflow,
		dictionary.ProcessActivity: dictionary.ProfileActivitySubflow,
		dictionary.ProcessReclaim:  dictionary.ProfileReclaimSubflow,
	} {
		if t.Subflows[process] == "" || c.values[column] != "" {
			continue
		}
		flow, err := findOne(ctx, c.tx, dictionary.TableSubflow, dictionary.SubflowName+"="+t.Subflows[process])
		if err != nil {
			return err
		}
		c.values[column] = flow[dictionary.SysID]
	}
	return nil
}

// fillVendorConfiguration keeps the read-only texts right that say what each process needs at the vendor.
func fillVendorConfiguration(c *change, t dictionary.ProfileType) {
	for process, column := range map[dictionary.Process]string{
		dictionary.ProcessDownload: dictionary.ProfileVendorConfDownload,
		dictionary.ProcessActivity: dictionary.ProfileVendorConfActivity,
		dictionary.ProcessReclaim:  dictionary.ProfileVendorConfReclaim,
	} {
		c.values[column] = ""
		if p, ok := t.Permission(process); ok && t.Toggles { // the field came with the toggles
			scopes := "none"
			if len(p.Scopes) > 0 {
				scopes = strings.Join(p.Scopes, ", ")
			}
			c.values[column] = "Role: " + p.Role + "; scopes: " + scopes
		}
	}
}

// followToggles recomputes the alias of a type whose alias depends on the toggles, unless a person chose another one.
func followToggles(ctx context.Context, c *change, t dictionary.ProfileType) error {
	toggled := c.changes(dictionary.ProfileDownloadActivity) || c.changes(dictionary.ProfileReclaim)
	if len(t.AliasRule) < 2 || !toggled || c.changes(dictionary.ProfileAlias) {
		return nil
	}
	current, err := lookUp(ctx, c.tx, dictionary.TableAlias, c.before[dictionary.ProfileAlias])
	if err != nil {
		return err
	}
	for _, v := range t.AliasRule {
		if current[dictionary.AliasID] == v.Alias {
			return setDefaultAlias(ctx, c, t)
		}
	}
	return nil
}

func setDefaultAlias(ctx context.Context, c *change, t dictionary.ProfileType) error {
	variant := t.DefaultAlias(isTrue(c.after(dictionary.ProfileDownloadActivity)), isTrue(c.after(dictionary.ProfileReclaim)))
	if variant.Alias == "" {
		return nil
	}
	alias, err := findOne(ctx, c.tx, dictionary.TableAlias, dictionary.AliasID+"="+variant.Alias)
	if err != nil {
		return err
	}
	c.values[dictionary.ProfileAlias] = alias[dictionary.SysID]
	return nil
}

// checkProfileAlias requires an alias that exists, is not another vendor's, and that no other profile uses: each profile
// has its own connection.
func (e *Engine) checkProfileAlias(ctx context.Context, c *change, t dictionary.ProfileType) error {
	id := c.values[dictionary.ProfileAlias]
	if id == "" {
		return nil
	}
	alias, err := lookUp(ctx, c.tx, dictionary.TableAlias, id)
	if err != nil {
		return err
	}
	if alias == nil {
		return c.refuse("Connection & Credential must exist", "there is no connection & credential alias with sys_id %s", id)
	}
	spoke, err := e.spokeOfAlias(ctx, c.tx, alias)
	if err != nil {
		return err
	}
	if spoke != nil && t.Vendor != "" && spoke.Vendor != t.Vendor {
		return c.refuse("Connection & Credential belongs to the vendor", "the alias %s is one of %s, and the integration profile is for %s; "+
			"choose an alias of its own spoke, or a child of one", alias[dictionary.AliasID], spoke.Product, t.Product)
	}
	others, err := c.tx.Find(ctx, dictionary.TableProfile, dictionary.ProfileAlias+"="+id, store.FindOptions{Limit: 2})
	if err != nil {
		return err
	}
	for _, other := range others {
		if other[dictionary.SysID] != c.sysID() {
			return c.refuse("Connection & Credential belongs to one profile", "the alias %s is used by the integration profile %q; "+
				"this profile needs an alias with a connection of its own: a child alias, or a new alias "+
				"(in Terraform servicenowsam_child_alias, or servicenowsam_connection_alias with name)",
				alias[dictionary.AliasID], other[dictionary.ProfileDisplayName])
		}
	}
	return nil
}

// reconcileProperties keeps what validation found in the engine's hands and tells whether the vendor's options changed.
func reconcileProperties(c *change, t dictionary.ProfileType) (vendorChanged bool, err error) {
	written, ok := c.values[dictionary.ProfileCustomProperties]
	if !ok {
		return false, nil
	}
	after, err := parseProperties(written)
	if err != nil {
		return false, c.refuse("Custom properties must be JSON", "%v", err)
	}
	before, err := parseProperties(c.before[dictionary.ProfileCustomProperties])
	if err != nil {
		return false, err
	}
	if after.ActivityLookbackDays != before.ActivityLookbackDays {
		if err := checkLookback(c, t, after.ActivityLookbackDays); err != nil {
			return false, err
		}
	}
	if written, err = withValidatedOn(written, before.ValidatedOn); err != nil {
		return false, err
	}
	vendorChanged = !maps.Equal(before.Vendor, after.Vendor)
	groups := before.ResolvedGroups
	if vendorChanged {
		groups = ""
	}
	c.values[dictionary.ProfileCustomProperties], err = withProperty(written, propertyResolvedGroups, groups)
	return vendorChanged, err
}
