package integrationprofile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const validateAction = "servicenowsam_validate_connection"

func TestValidateAction(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := drafts(t, w)
	id := root.Attribute(t, "servicenowsam_integration_profile.trello", "id")
	p := w.Protocol(t, nil)
	config := acctest.Values{"profile_id": id}
	require.Empty(t, p.PlanAction(t, validateAction, config))
	require.Empty(t, p.PlanAction(t, validateAction, acctest.Values{"profile_id": acctest.Unknown}))

	for range 2 {
		progress, diagnostics := p.Invoke(t, validateAction, config)
		require.Empty(t, diagnostics)
		require.NotEmpty(t, progress)
		require.Contains(t, progress[len(progress)-1], "successful")
	}

	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultExpiredToken}))
	_, diagnostics := p.Invoke(t, validateAction, config)
	said := acctest.Errors(diagnostics)
	require.Contains(t, said, "The connection of the integration profile is not good")
	require.Contains(t, said, "run the action again")
	require.NotContains(t, said, w.Double.Token())
	require.Equal(t, dictionary.ProfileStatusPublished, w.Get(t, dictionary.TableProfile, id)[dictionary.ProfileStatus])
	require.Empty(t, w.Double.Requests().Writes)

	w.Double.ClearFaults()
	_, diagnostics = p.Invoke(t, validateAction, config)
	require.Empty(t, diagnostics)
}

func TestValidateAction_unknownProfile(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	p := w.Protocol(t, nil)
	config := acctest.Values{"profile_id": "0123456789abcdef0123456789abcdef"}
	require.Contains(t, acctest.Errors(p.PlanAction(t, validateAction, config)), "No such integration profile")
	_, diagnostics := p.Invoke(t, validateAction, config)
	require.Contains(t, acctest.Errors(diagnostics), "No such integration profile")
	require.NoFileExists(t, w.Database)
	require.Contains(t, acctest.Errors(p.PlanAction(t, validateAction, acctest.Values{"profile_id": "Trello"})), "sys_id")
}
