package licensereclamation

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// Where the instance is not an embedded one, the client spares whom the policy protects, and keeps the daily maximum.
func TestScreen(t *testing.T) {
	t.Parallel()
	found := []sam.Candidate{
		{SysID: "a", Number: "RCC1", HolderSysID: "u1", UserPrincipalName: "ada@example.com"},
		{SysID: "b", Number: "RCC2", HolderSysID: "u2", UserPrincipalName: "ben@example.com"},
		{SysID: "c", Number: "RCC3", HolderSysID: "u3", UserPrincipalName: "cleo@example.com"},
		{SysID: "d", Number: "RCC4", UserPrincipalName: "dora@example.com"},
		{SysID: "e", Number: "RCC5", HolderSysID: "u5", UserPrincipalName: "eve@example.com"},
	}
	g := guard{users: []string{"ADA@example.com"}, groups: []string{"Board"}, members: map[string]bool{"u2": true}}
	all := []string{"e", "gone", "a", "b", "c", "d"}
	request := companion.ReclaimRequest{Candidates: all}
	spared := g.screen(found, 1, &request)
	require.Equal(t, []string{"e", "gone"}, request.Candidates, "in the order of the request; the instance says what is gone")
	outcomes := map[string]companion.Outcome{}
	for _, item := range spared {
		require.NotEmpty(t, item.Message)
		outcomes[item.Number] = item.Outcome
	}
	require.Equal(t, map[string]companion.Outcome{
		"RCC1": companion.OutcomeSkippedProtected, "RCC2": companion.OutcomeSkippedProtected, "RCC3": companion.OutcomeDeferred,
		"RCC4": companion.OutcomeSkippedProtected,
	}, outcomes)
	require.Equal(t, []string{"e", "gone", "a", "b", "c", "d"}, all, "the caller's list is left alone")

	request = companion.ReclaimRequest{Candidates: all}
	require.Empty(t, guard{}.screen(found, len(found), &request))
	require.Equal(t, all, request.Candidates)
}
