package asana

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// Advice for each way in which Asana refuses.
const (
	adviceToken   = "The token is wrong or was revoked, or the organisation blocks the app: make a new token, or look at the app's state in Asana's admin console"
	adviceExpired = "The access token has expired and could not be renewed: consent again"
	adviceRight   = "The credential is good, but may not do this: it must belong to an admin of the organisation, or be the token of a service account"
	advicePlan    = "The organisation's plan does not include this"
)

// classify tells what a failed answer means (developers.asana.com/docs/errors).
func classify(a connector.Answer) (connector.Kind, string) {
	switch a.Status {
	case http.StatusUnauthorized:
		if strings.Contains(strings.ToLower(string(a.Body)), "expired") {
			return connector.KindCredentials, adviceExpired
		}
		return connector.KindCredentials, adviceToken
	case http.StatusPaymentRequired:
		return connector.KindPermission, advicePlan
	case http.StatusForbidden:
		return connector.KindPermission, adviceRight
	case http.StatusBadRequest:
		// Ids that never were are refused like this (forum.asana.com), others with 404.
		if strings.Contains(string(a.Body), "Not a recognized ID") {
			return connector.KindNotFound, ""
		}
	}
	return "", ""
}

// said is what Asana's envelope for errors says. The phrase of a 500 lets Asana's support find the incident.
func said(a connector.Answer) string {
	var envelope struct {
		Errors []struct{ Message, Phrase string } `json:"errors"`
	}
	if json.Unmarshal(a.Body, &envelope) != nil {
		return ""
	}
	var texts []string
	for _, e := range envelope.Errors {
		if e.Phrase != "" {
			e.Message += " (" + e.Phrase + ")"
		}
		texts = append(texts, e.Message)
	}
	return strings.Join(texts, "; ")
}

// staleOffset tells whether Asana refused a page because its offset is too old (they last 15 minutes), so that the list
// has to be read from its start.
func staleOffset(err error) bool {
	failure := asError(err)
	return failure != nil && failure.Status == http.StatusBadRequest && strings.Contains(strings.ToLower(failure.Body), "offset")
}
