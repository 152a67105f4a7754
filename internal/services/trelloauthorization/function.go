// Package trelloauthorization is the function that makes the address on which Trello gives a token.
package trelloauthorization

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// New makes the function trello_authorization_url.
func New() function.Function { return authorizationURL{} }

type authorizationURL struct{}

func (authorizationURL) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "trello_authorization_url"
}

func (authorizationURL) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Where Trello gives a token with the fewest scopes",
		MarkdownDescription: "Makes the address on which a Trello Enterprise admin allows access and gets a token that does not " +
			"expire, with the fewest scopes: `read` and `account`, and `write` only for reclaims. The API key in it is no secret; the " +
			"token that the page shows is.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "key", MarkdownDescription: "API key of the app (32 hexadecimal digits)."},
			function.BoolParameter{Name: "reclaim", MarkdownDescription: "Whether licences will be reclaimed."},
		},
		Return: function.StringReturn{},
	}
}

var apiKey = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (authorizationURL) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var key string
	var reclaim bool
	if resp.Error = req.Arguments.Get(ctx, &key, &reclaim); resp.Error != nil {
		return
	}
	if !apiKey.MatchString(key) {
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("A Trello API key has 32 lower-case hexadecimal digits, and this one "+
			"has %d characters. It is on the API key page of the app at https://trello.com/power-ups/admin.", len(key)))
		return
	}
	resp.Error = resp.Result.Set(ctx, address(key, reclaim))
}

// address is the consent page (Trello REST API, authorization guide). Its scopes are separated by commas.
func address(key string, reclaim bool) string {
	t, _ := dictionary.ProfileTypeByValue(dictionary.Australia, dictionary.TypeTrello)
	needed := map[string]bool{}
	for _, permission := range t.RequiredPermissions(false, reclaim, nil) {
		for _, scope := range permission.Scopes {
			needed[scope] = true
		}
	}
	scopes := []string{dictionary.TrelloScopeRead, dictionary.TrelloScopeWrite, dictionary.TrelloScopeAccount}
	scopes = slices.DeleteFunc(scopes, func(scope string) bool { return !needed[scope] })
	return "https://trello.com/1/authorize?expiration=never&scope=" + strings.Join(scopes, ",") +
		"&response_type=token&name=ServiceNow%20SAM&key=" + url.QueryEscape(key)
}
