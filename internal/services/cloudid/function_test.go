package cloudid_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/cloudid"
)

func run(t *testing.T, address string) (string, *function.FuncError) {
	t.Helper()
	resp := function.RunResponse{Result: function.NewResultData(types.StringUnknown())}
	cloudid.New().Run(t.Context(), function.RunRequest{
		Arguments: function.NewArgumentsData([]attr.Value{types.StringValue(address)}),
	}, &resp)
	if resp.Error != nil {
		return "", resp.Error
	}
	value, ok := resp.Result.Value().(types.String)
	require.True(t, ok)
	return value.ValueString(), nil
}

func TestCloudID(t *testing.T) {
	t.Parallel()
	const id = "11111111-2222-4333-8444-555555555555"
	for _, address := range []string{
		"https://admin.atlassian.com/o/8b1c52d0/products/conf/" + id,
		" https://admin.atlassian.com/o/8b1c52d0/products/conf/" + id + "/settings?x=1 ",
		"https://ADMIN.atlassian.com/s/" + "11111111-2222-4333-8444-555555555555" + "/users",
		"https://admin.atlassian.com/o/x/products/confluence/11111111-2222-4333-8444-55555555555A",
	} {
		got, err := run(t, address)
		require.Nil(t, err, address)
		require.Regexp(t, `^11111111-2222-4333-8444-55555555555[5a]$`, got)
	}
	for _, address := range []string{
		"", id, "https://admin.atlassian.com/o/" + id, "http://admin.atlassian.com/o/x/products/conf/" + id,
		"https://admin.atlassian.com.example.org/o/x/products/conf/" + id, "https://example.atlassian.net/wiki/products/conf/" + id,
		"https://admin.atlassian.com/o/x/products/conf",
	} {
		_, err := run(t, address)
		require.NotNil(t, err, address)
		require.Contains(t, err.Text, "is not the address of a site's admin page")
	}
}
