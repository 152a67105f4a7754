package trelloauthorization_test

import (
	"net/url"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/trelloauthorization"
)

func run(t *testing.T, key string, reclaim bool) function.RunResponse {
	t.Helper()
	resp := function.RunResponse{Result: function.NewResultData(types.StringUnknown())}
	trelloauthorization.New().Run(t.Context(), function.RunRequest{
		Arguments: function.NewArgumentsData([]attr.Value{types.StringValue(key), types.BoolValue(reclaim)}),
	}, &resp)
	return resp
}

func TestAuthorizationURL(t *testing.T) {
	t.Parallel()
	const key = "0123456789abcdef0123456789abcdef"
	for reclaim, scopes := range map[bool]string{true: "read,write,account", false: "read,account"} {
		resp := run(t, key, reclaim)
		require.Nil(t, resp.Error)
		text, ok := resp.Result.Value().(types.String)
		require.True(t, ok)
		u, err := url.Parse(text.ValueString())
		require.NoError(t, err)
		require.Equal(t, "https://trello.com/1/authorize", u.Scheme+"://"+u.Host+u.Path)
		require.Equal(t, url.Values{
			"expiration": {"never"}, "scope": {scopes}, "response_type": {"token"}, "name": {"ServiceNow SAM"}, "key": {key},
		}, u.Query())
	}
	refused := run(t, "ATTA-a-token-by-mistake", true)
	require.NotNil(t, refused.Error)
	require.NotContains(t, refused.Error.Text, "by-mistake", "it may be a token, so it is not repeated")
}
