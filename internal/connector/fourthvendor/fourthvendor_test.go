package fourthvendor_test

import (
	"context"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/conformance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

func TestConformance(t *testing.T) { //nolint:paralleltest // it measures memory, see conformance.Run
	conformance.Run(t, conformance.Subject{
		Vendor: "lantern", PageSize: pageSize, Listings: []int{1000}, Limits: []conformance.Trouble{limit},
		Start: func(t testing.TB, o conformance.Options) conformance.Fixture {
			d := newDouble(t, o.Members, o.Clock.Now)
			d.limited = o.Limited
			return conformance.Fixture{
				Connect: func(secrets map[string]connector.Secret) connector.Connector {
					given := map[string]connector.Secret{"token": connector.NewSecret(goodToken)}
					maps.Copy(given, secrets)
					c, err := newLantern(connector.Config{BaseURL: d.URL, Secrets: given, Now: o.Clock.Now, Clock: o.Clock, Unlimited: !o.Limited})
					require.NoError(t, err)
					return c
				},
				Inject:      func(_ testing.TB, trouble conformance.Trouble, times int) { d.inject(trouble, times) },
				Holders:     d.holders,
				Reclaimable: d.reclaimable,
				GiveBack: func(id string) {
					d.mu.Lock()
					defer d.mu.Unlock()
					require.True(t, d.giveBack(id))
				},
				Login:    d.login,
				Refusals: func() int { return d.refused },
				Secrets:  map[string]string{"token": goodToken},
			}
		},
	})
}

// A vendor that only this folder knows goes the whole way, from a connection to a reclaimed licence.
func TestFromConnectionToReclaimedLicence(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	d := newDouble(t, 50, time.Now)
	i, err := instance.New(instance.Config{
		DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "sam.db"),
		Connectors:  map[string]connector.Factory{"lantern": newLantern},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, i.Close(context.WithoutCancel(ctx))) })
	rest, err := servicenow.New(servicenow.Config{BaseURL: "http://localhost", Auth: servicenow.Anonymous(), Transport: i.Transport()})
	require.NoError(t, err)
	client := sam.New(rest)

	alias, err := client.Aliases.FindByID(ctx, lanternAlias)
	require.NoError(t, err)
	_, err = client.Aliases.SaveConnection(ctx, sam.ConnectionInput{
		AliasSysID: alias.SysID, Name: "Lantern", URL: d.URL, Active: true,
		Credential: sam.CredentialInput{Kind: dictionary.CredentialKindToken, BearerToken: goodToken},
	})
	require.NoError(t, err)
	profile, err := client.Profiles.Create(ctx, sam.ProfileInput{DisplayName: "Lantern", ProfileType: lanternType})
	require.NoError(t, err)
	_, err = client.Profiles.Validate(ctx, profile.SysID, nil)
	require.NoError(t, err)
	_, err = client.Profiles.Publish(ctx, profile.SysID, nil)
	require.NoError(t, err)
	refreshed, err := client.Profiles.Refresh(ctx, profile.SysID, companion.RefreshRequest{}, nil)
	require.NoError(t, err)
	require.Equal(t, 50, refreshed.Created)
	require.Equal(t, 10, refreshed.CandidatesOpened)

	request := companion.ReclaimRequest{}
	for c, err := range client.Candidates.All(ctx, sam.CandidateFilter{ProfileSysID: profile.SysID, States: []string{dictionary.StateReady}}) {
		require.NoError(t, err)
		request.Candidates = append(request.Candidates, c.SysID)
	}
	require.Len(t, request.Candidates, 10)
	d.login("s000003")
	outcome, err := client.Candidates.Reclaim(ctx, request, nil)
	require.NoError(t, err)
	counts := map[companion.Outcome]int{}
	for _, item := range outcome.Items {
		counts[item.Outcome]++
	}
	require.Equal(t, map[companion.Outcome]int{companion.OutcomeDone: 9, companion.OutcomeSkippedActive: 1}, counts)
	require.Len(t, d.holders(), 41)
	require.Contains(t, d.holders(), "s000003")
}
