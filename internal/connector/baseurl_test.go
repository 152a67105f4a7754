package connector_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

func TestBaseURLIsTheVendorsOrThisMachine(t *testing.T) {
	t.Parallel()
	hosts := []string{"api.trello.com", "*.atlassian.net"}
	for _, good := range []string{
		"https://api.trello.com/", "https://API.trello.com/1", "https://acme.atlassian.net", "http://localhost:8080",
		"http://127.0.0.1:9", "http://[::1]:9/1/", "https://127.8.8.8", " https://api.trello.com ",
	} {
		require.NoError(t, connector.CheckBaseURL(good, hosts), good)
	}
	require.NoError(t, connector.CheckBaseURL("https://anywhere.example.com", nil))
	for bad, says := range map[string]string{
		"":                                "empty",
		"api.trello.com/1":                "no scheme",
		"localhost:8080":                  "no scheme",
		"http://api.trello.com/":          "unencrypted",
		"https://trello.com/":             "not the vendor's",
		"https://api.trello.com.evil.net": "not the vendor's",
		"https://evilapi.trello.com":      "not the vendor's",
		"https://.atlassian.net":          "not the vendor's",
		"https://atlassian.net":           "not the vendor's",
		"http://localhost.evil.net":       "unencrypted",
		"ftp://api.trello.com":            "only https",
		"https:///1":                      "names no host",
		"https://api.trello.com/?token=x": "query",
		"https://api.trello.com:port/":    "not a URL",
	} {
		require.ErrorContains(t, connector.CheckBaseURL(bad, hosts), says, bad)
	}
}

func FuzzParseBaseURL(f *testing.F) {
	for _, seed := range []string{"https://api.trello.com/1", "http://[::1]:9", "https://a@b", "https://api.trello.com\\@evil.net", "//x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := connector.ParseBaseURL(raw, []string{"api.trello.com"})
		if err != nil {
			return
		}
		require.Nil(t, u.User)
		if !connector.Loopback(u.Hostname()) {
			require.Equal(t, "https", u.Scheme)
			require.Equal(t, "api.trello.com", strings.ToLower(u.Hostname()))
		}
	})
}

func TestBaseURLErrorsHideAPassword(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"https://me:hunter22@api.trello.com/", "me:hunter22@api.trello.com", "https://me:hunter22@api.trello.com:port/",
	} {
		err := connector.CheckBaseURL(raw, []string{"api.trello.com"})
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter22")
	}
}
