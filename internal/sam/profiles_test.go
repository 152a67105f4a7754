package sam_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

func TestThreeDifferentReasonsWhyAProfileTypeCannotBeUsed(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{})

	_, err := w.sam.Profiles.Create(ctx, sam.ProfileInput{DisplayName: "X", ProfileType: "trelo"})
	var unknown *sam.UnknownProfileTypeError
	require.ErrorAs(t, err, &unknown)
	require.ErrorContains(t, err, dictionary.TypeTrello)

	_, err = w.sam.Profiles.Create(ctx, sam.ProfileInput{DisplayName: "X", ProfileType: dictionary.TypeAsana})
	var spoke *sam.SpokeMissingError
	require.ErrorAs(t, err, &spoke)
	require.ErrorContains(t, err, "Asana Spoke")

	w.faults.RemoveTable(dictionary.TableProfile)
	_, err = w.sam.Profiles.Create(ctx, sam.ProfileInput{DisplayName: "X", ProfileType: dictionary.TypeTrello})
	var plugin *sam.PluginMissingError
	require.ErrorAs(t, err, &plugin)
	require.ErrorContains(t, err, "com.snc.samp")
	for _, err := range w.sam.Profiles.All(ctx, sam.ProfileFilter{}) {
		require.ErrorAs(t, err, &plugin)
	}
}

func TestProfileThatExists(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{})
	id := servicenow.NewSysID()
	first, err := w.sam.Profiles.Create(ctx, sam.ProfileInput{SysID: id, DisplayName: "Trello", ProfileType: dictionary.TypeTrello})
	require.NoError(t, err)
	require.Equal(t, id, first.SysID)
	again, err := w.sam.Profiles.Create(ctx, sam.ProfileInput{SysID: id, DisplayName: "Trello", ProfileType: dictionary.TypeTrello})
	require.NoError(t, err, "the same Create, once more")
	require.Equal(t, first, again)

	_, err = w.sam.Profiles.Create(ctx, sam.ProfileInput{DisplayName: "Trello", ProfileType: dictionary.TypeTrello})
	var exists *sam.ExistsError
	require.ErrorAs(t, err, &exists)
	require.ErrorIs(t, err, sam.ErrExists)
	require.Equal(t, id, exists.SysID)
}

func TestPublishNeedsAValidatedConnection(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{members: 3})
	profile, err := w.sam.Profiles.Create(ctx, sam.ProfileInput{DisplayName: "Trello", ProfileType: dictionary.TypeTrello})
	require.NoError(t, err)

	_, err = w.sam.Profiles.Publish(ctx, profile.SysID, nil)
	require.ErrorContains(t, err, "validat")

	outcome, err := w.sam.Profiles.Validate(ctx, profile.SysID, nil)
	var invalid *sam.ValidationError
	require.ErrorAs(t, err, &invalid)
	require.False(t, outcome.Valid)
	require.ErrorContains(t, err, "not associated with the Connection and credential field")

	input := w.connection(profile.AliasSysID)
	input.Credential.APIToken = "a wrong token that must stay secret"
	_, err = w.sam.Aliases.SaveConnection(ctx, input)
	require.NoError(t, err)
	_, err = w.sam.Profiles.Validate(ctx, profile.SysID, nil)
	require.ErrorAs(t, err, &invalid)
	require.NotContains(t, err.Error(), input.Credential.APIToken)
	require.NotContains(t, err.Error(), input.Credential.APIKey)
}

func TestServerRulesAreNamed(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{})
	profile, err := w.sam.Profiles.Create(ctx, sam.ProfileInput{DisplayName: "Trello", ProfileType: dictionary.TypeTrello})
	require.NoError(t, err)
	on := true
	_, err = w.sam.Profiles.Update(ctx, profile.SysID, sam.ProfileChange{DownloadActivity: &on})
	var rule *sam.BusinessRuleError
	require.ErrorAs(t, err, &rule)
	require.ErrorContains(t, err, "activity")
	_, err = w.rest.Update(ctx, dictionary.TableProfile, profile.SysID, servicenow.Values{dictionary.ProfileDownload: "false"})
	require.ErrorAs(t, err, &rule)
	require.ErrorContains(t, err, "cannot be cleared")
}

func TestDroppedColumnIsNamed(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{})
	w.faults.DropColumn(dictionary.TableProfile, dictionary.ProfileReclaim)
	off := false
	profile, err := w.sam.Profiles.Create(ctx, sam.ProfileInput{DisplayName: "Trello", ProfileType: dictionary.TypeTrello, ReclaimSubscriptions: &off})
	var dropped *sam.DroppedColumnError
	require.ErrorAs(t, err, &dropped)
	require.Equal(t, dictionary.ProfileReclaim, dropped.Column)
	require.NotEmpty(t, profile.SysID, "the record exists and must be known")
}

func TestOnlyConfirmedNotFoundIsNotFound(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{})
	profile, err := w.sam.Profiles.Create(ctx, sam.ProfileInput{DisplayName: "Trello", ProfileType: dictionary.TypeTrello})
	require.NoError(t, err)

	w.faults.HideRow(dictionary.TableProfile, profile.SysID)
	_, err = w.sam.Profiles.Get(ctx, profile.SysID)
	require.NotErrorIs(t, err, sam.ErrNotFound)
	var hidden *sam.HiddenError
	require.ErrorAs(t, err, &hidden)

	for _, kind := range []restapi.FaultKind{restapi.FaultForbidden, restapi.FaultUnauthorized, restapi.FaultHibernating, restapi.FaultServerError, restapi.FaultUnavailable} {
		w.faults.Clear()
		w.faults.Inject(restapi.Fault{Kind: kind, Path: dictionary.TableProfile})
		_, err = w.sam.Profiles.Get(ctx, profile.SysID)
		require.Error(t, err, kind)
		require.NotErrorIs(t, err, sam.ErrNotFound, kind)
	}

	w.faults.Clear()
	require.NoError(t, w.rest.Delete(ctx, dictionary.TableProfile, profile.SysID))
	_, err = w.sam.Profiles.Get(ctx, profile.SysID)
	require.ErrorIs(t, err, sam.ErrNotFound)
	_, err = w.sam.Profiles.FindByDisplayName(ctx, "Trello")
	require.ErrorIs(t, err, sam.ErrNotFound)
}

func TestWrongInstance(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{})
	const other = "6f1e0c52-1111-4222-8333-444455556666"
	require.NoError(t, w.sam.CheckInstance(ctx, ""))
	var wrong *sam.WrongInstanceError
	require.ErrorAs(t, w.sam.CheckInstance(ctx, other), &wrong)
	require.Empty(t, wrong.Actual)
	require.ErrorContains(t, wrong, "does not exist")

	w.connect(t)
	instance, err := w.sam.Instance(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, instance.ID, "the database exists now, and an empty id is not kept")
	require.NoError(t, w.sam.CheckInstance(ctx, instance.ID))
	require.ErrorAs(t, w.sam.CheckInstance(ctx, other), &wrong)
	require.Equal(t, instance.ID, wrong.Actual)
	require.ErrorContains(t, wrong, "Nothing was removed")
}

func TestTableMode(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{})
	w.faults.RemoveCompanion()
	instance, err := w.sam.Instance(ctx)
	require.NoError(t, err)
	require.Equal(t, sam.ModeTable, instance.Mode)
	require.Equal(t, companion.KindServiceNow, instance.Kind)
	require.Equal(t, "embedded.example.com", instance.ID)

	profile, err := w.sam.Profiles.Create(ctx, sam.ProfileInput{DisplayName: "Trello", ProfileType: dictionary.TypeTrello})
	require.NoError(t, err)
	require.NotEmpty(t, profile.DownloadSubflow, "form defaults are sent, since nobody else fills them there")
	_, err = w.sam.Profiles.Validate(ctx, profile.SysID, nil)
	require.ErrorIs(t, err, sam.ErrNoCompanion)
	_, err = w.sam.Candidates.Reclaim(ctx, companion.ReclaimRequest{Candidates: []string{profile.SysID}}, nil)
	require.ErrorIs(t, err, sam.ErrNoCompanion)
	jobs, err := w.sam.Jobs.Results(ctx, profile.SysID, 5)
	require.NoError(t, err)
	require.Empty(t, jobs)

	// Where rows may be hidden from counts as well, an empty table proves nothing.
	require.NoError(t, w.rest.Delete(ctx, dictionary.TableProfile, profile.SysID))
	_, err = w.sam.Profiles.Get(ctx, profile.SysID)
	require.NotErrorIs(t, err, sam.ErrNotFound)
	var hidden *sam.HiddenError
	require.ErrorAs(t, err, &hidden)
}
