package licensereclamation

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// doubtful warns of people who are left alone because nobody can say that the policy does not mean them.
func doubtful(n int) diag.Diagnostics {
	if n == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Some people cannot be told apart from protected users", fmt.Sprintf(
		"protected_users of the provider's reclamation_policy names people by mail address, and the vendor hides the address behind %d "+
			"of the removal candidates. They are treated as protected. To reclaim from them, list protected users by the vendor's "+
			"user name or user id.", n))}
}

// strangers warns of protected users who hold no licence of the profile: a misspelt entry protects nobody.
func strangers(ctx context.Context, client *sam.Client, profileSysID string, protected []string) diag.Diagnostics {
	if len(protected) == 0 {
		return nil
	}
	people, err := client.Subscriptions.PeopleNamed(ctx, profileSysID, protected)
	if err != nil {
		return diag.Diagnostics{diag.NewWarningDiagnostic("Protected users were not looked up", fmt.Sprintf(
			"It could not be checked whether each entry of protected_users names somebody: %s", err))}
	}
	var unknown []string
	for _, entry := range protected {
		found := false
		for _, p := range people {
			found = found || p.ProtectedBy([]string{entry}) != ""
		}
		if !found {
			unknown = append(unknown, fmt.Sprintf("  %q", entry))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Protected users who hold no licence here", fmt.Sprintf(
		"These entries of protected_users match nobody who holds a licence of this integration profile, so that they protect nobody "+
			"here. That is right for people of other profiles, and wrong for an entry that is misspelt:\n%s", strings.Join(unknown, "\n")))}
}
