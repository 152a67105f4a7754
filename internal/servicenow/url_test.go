package servicenow_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

func TestNormalizeURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://dev1.service-now.com":                     "https://dev1.service-now.com",
		"dev1.service-now.com":                             "https://dev1.service-now.com",
		" https://dev1.service-now.com/ ":                  "https://dev1.service-now.com",
		"https://DEV1.service-now.com/nav_to.do?uri=x.do":  "https://dev1.service-now.com",
		"https://dev1.service-now.com/now/nav/ui/classic/": "https://dev1.service-now.com",
		"https://sam.example.com:8443/":                    "https://sam.example.com:8443",
		"http://127.0.0.1:8080/":                           "http://127.0.0.1:8080",
		"http://localhost:8080":                            "http://localhost:8080",
		"http://[::1]:8080":                                "http://[::1]:8080",
	} {
		u, err := servicenow.NormalizeURL(raw)
		require.NoError(t, err, raw)
		require.Equal(t, want, u.String(), raw)
	}
}

func TestNormalizeURLRefuses(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                                   "is empty",
		"http://dev1.service-now.com":        "in clear",
		"ftp://dev1.service-now.com":         "only https",
		"dev1":                               "https://dev1.service-now.com",
		"https://":                           "names no host",
		"https://me:pw@dev1.service-now.com": "user name or password",
		"https://dev1.service-now.com:port":  "cannot be parsed",
	} {
		_, err := servicenow.NormalizeURL(raw)
		require.ErrorContains(t, err, want, raw)
		require.NotContains(t, err.Error(), "me:pw")
	}
}
