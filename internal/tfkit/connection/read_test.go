package connection

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

func TestNoSecretOfAURLReachesTheState(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://api.trello.com/":                          "https://api.trello.com/",
		"http://127.0.0.1:8080":                            "http://127.0.0.1:8080",
		"https://api.trello.com/1/?key=SECRET":             "https://api.trello.com/1/",
		"https://api.trello.com/#SECRET":                   "https://api.trello.com/",
		"https://user:SECRET@api.trello.com/?token=SECRET": "https://api.trello.com/",
		"https://user:SECRET @api.trello.com/%zz":          "",
	} {
		var m Model
		m.FromAPI(sam.Connection{SysID: "c", URL: url}, time.Time{})
		require.Equal(t, want, m.ConnectionURL.ValueString())
	}
}
