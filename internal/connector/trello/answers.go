package trello

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// Advice for each way in which Trello refuses. The bodies are plain text and known from public test suites; a 401 stands
// for a bad credential as well as for a missing right, so the body decides.
const (
	adviceKey       = "The API key is wrong: copy it again from https://trello.com/power-ups/admin, and make the token with that same key"
	adviceToken     = "The token is wrong or was revoked: make a new one for this API key, with the scopes read,write,account"
	adviceExpired   = "The token has expired: make a new one, with expiration=never or one that you renew in time"
	adviceNoAccess  = "The key and token are good, but may not do this: the token's user must be an admin of the Trello enterprise, and taking a licence or giving it back needs a token with the write scope"
	adviceNobody    = "No credential reached Trello: check the API key and token of the connection"
	adviceElsewhere = "Licences of this enterprise are managed in Atlassian Administration, where Trello's own API may not change them: change the person's Trello access at https://admin.atlassian.com"
)

// classify tells what a failed answer means.
func classify(a connector.Answer) (connector.Kind, string) {
	text := strings.ToLower(string(a.Body))
	contains := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	switch {
	case a.Status < 400 || a.Status >= 500 || a.Status == http.StatusTooManyRequests:
		return "", ""
	case contains("adminhub", "admin hub", "atlassian admin", "admin.atlassian.com"):
		return connector.KindManagedElsewhere, adviceElsewhere
	case contains("expired token"):
		return connector.KindCredentials, adviceExpired
	case contains("invalid key", "invalid app key"):
		return connector.KindCredentials, adviceKey
	case contains("invalid token"):
		return connector.KindCredentials, adviceToken
	case contains("missing scopes"):
		return connector.KindCredentials, adviceNobody
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		return connector.KindPermission, adviceNoAccess
	case a.Status == http.StatusNotFound, contains("invalid id"):
		return connector.KindNotFound, ""
	}
	return "", ""
}

// statusSubRequest is Trello's own status for a request whose inner request failed
// (community.developer.atlassian.com/t/40134).
const statusSubRequest = 449

// failedSubRequest tells whether a 449 hides a failure that may pass.
func failedSubRequest(a connector.Answer) bool {
	if a.Status != statusSubRequest {
		return false
	}
	var inner struct {
		OriginalStatus int `json:"originalStatus"`
	}
	if json.Unmarshal(a.Body, &inner) != nil {
		return false
	}
	return inner.OriginalStatus >= 500 || inner.OriginalStatus == http.StatusTooManyRequests
}
