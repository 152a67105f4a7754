package companion_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

func TestUserMarkIsSaltedAndShort(t *testing.T) {
	t.Parallel()
	mark := companion.UserMark("c1", "u1")
	require.Regexp(t, "^[0-9a-f]{16}$", mark)
	require.Equal(t, mark, companion.UserMark("c1", "u1"))
	require.NotEqual(t, mark, companion.UserMark("c2", "u1"))
	require.NotEqual(t, mark, companion.UserMark("c1", "u2"))
	require.Empty(t, companion.UserMark("c1", ""))
}

func TestProtectedByEveryName(t *testing.T) {
	t.Parallel()
	p := companion.Person{
		UserPrincipalName: "ada (5f01)", ExternalUserID: "5f01", VendorUserName: "adal", Mail: "ada@example.com", UserName: "ada.lovelace",
	}
	for _, entry := range []string{"ada", " ADA (5F01)", "5f01", "AdaL", "Ada@Example.com ", "ada.lovelace"} {
		require.Equal(t, entry, p.ProtectedBy([]string{"bob", entry}))
	}
	require.Empty(t, p.ProtectedBy([]string{"bob", "", "ada (5f02)", "example.com"}))
	require.Empty(t, companion.Person{}.ProtectedBy([]string{""}))
	require.Empty(t, companion.Person{UserPrincipalName: "ada (x)", ExternalUserID: "y"}.ProtectedBy([]string{"ada"}))
}

func TestAHiddenMailMayBeAnyEntry(t *testing.T) {
	t.Parallel()
	hidden := companion.Person{UserPrincipalName: "ada (5f01)", ExternalUserID: "5f01"}
	require.True(t, hidden.MayHideFrom([]string{"bob", "ceo@example.com"}))
	require.False(t, hidden.MayHideFrom([]string{"bob"}))
	require.False(t, hidden.MayHideFrom(nil))
	for _, name := range []string{"@ada", "Ada @ work.example.com", "ada@work"} {
		hidden.VendorUserName = name
		require.True(t, hidden.MayHideFrom([]string{"ceo@example.com"}), "%q is a name that somebody chose", name)
	}
	hidden.Mail = "ada@example.com"
	require.False(t, hidden.MayHideFrom([]string{"ceo@example.com"}))
}
