package licensereclamation

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// Who has somebody else's licence taken could point its subscription to a user whom everybody would let go.
func TestPersonIsNamedAsTheVendorKnowsThem(t *testing.T) {
	t.Parallel()
	ben := sam.User{Name: "Ben Left", Email: "ben@example.com", UserName: "ben"}
	for _, c := range []struct {
		candidate sam.Candidate
		user      sam.User
		want      string
	}{
		{sam.Candidate{UserPrincipalName: "Ben@example.com"}, ben, "Ben Left <ben@example.com>"},
		{sam.Candidate{UserPrincipalName: "Ben Left (66d3)", ExternalUserID: "66d3"}, ben, "Ben Left <ben@example.com>"},
		{sam.Candidate{UserPrincipalName: "ceo@example.com"}, ben, "Ben Left <ben@example.com>, at the vendor ceo@example.com"},
		{sam.Candidate{UserPrincipalName: "Cleo Chief (66d3)", ExternalUserID: "66d3"}, ben, "Ben Left <ben@example.com>, at the vendor Cleo Chief"},
		{sam.Candidate{UserPrincipalName: "ceo@example.com"}, sam.User{}, "ceo@example.com"},
		{sam.Candidate{}, sam.User{Name: "Ben Left"}, "Ben Left"},
		{sam.Candidate{ExternalUserID: "66d3"}, sam.User{}, "vendor account 66d3"},
		{sam.Candidate{}, sam.User{}, "unknown user"},
	} {
		require.Equal(t, c.want, person(c.candidate, c.user))
	}
}
