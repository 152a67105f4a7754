package sam_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// On a customer's instance the states have other numbers, which no instance of ours has; their labels are documented.
func TestCandidateStatesAreTranslatedByLabel(t *testing.T) {
	t.Parallel()
	const candidate = "0123456789abcdef0123456789abcdef"
	var asked string
	answers := map[string]any{
		companion.CapabilitiesPath(): companion.Capabilities{InstanceID: "x", Kind: companion.KindServiceNow, ReleaseFamily: "australia"},
		"/api/now/table/sys_choice": []map[string]string{
			{"sys_id": candidate, "name": dictionary.TableCandidate, "element": "state", "language": "en", "value": "3", "label": "Ready"},
			{"sys_id": "1" + candidate[1:], "name": dictionary.TableCandidate, "element": "state", "language": "en", "value": "7", "label": "Closed Skipped"},
		},
		"/api/now/table/" + dictionary.TableCandidate: []map[string]any{{
			"sys_id": both(candidate, candidate), "number": both("RCC1", "RCC1"), "user_subscription": both("", ""),
			"user_subscription.subscription_profile": both(candidate, ""), "state": both("3", "Bereit"), "active": both("true", "true"),
		}},
		"/api/now/stats/" + dictionary.TableCandidate: []any{
			map[string]any{"stats": map[string]string{"count": "4"}, "groupby_fields": []map[string]string{{"field": "state", "value": "7"}}},
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, dictionary.TableCandidate) && !strings.Contains(r.URL.Path, "stats") {
			asked = r.URL.Query().Get("sysparm_query")
		}
		w.Header().Set("Content-Type", "application/json")
		if rows, ok := answers[r.URL.Path].([]map[string]string); ok {
			w.Header().Set("X-Total-Count", strconv.Itoa(len(rows)))
		} else {
			w.Header().Set("X-Total-Count", "1")
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"result": answers[r.URL.Path]})
	}))
	t.Cleanup(server.Close)
	rest, err := servicenow.New(servicenow.Config{BaseURL: server.URL})
	require.NoError(t, err)
	client := sam.New(rest)

	filter := sam.CandidateFilter{ProfileSysID: candidate, States: []string{dictionary.StateReady}}
	got := collect(t, client.Candidates.All(t.Context(), filter))
	require.Len(t, got, 1)
	require.Equal(t, dictionary.StateReady, got[0].State, "by the choice list where the label is in the user's language")
	require.Equal(t, candidate, got[0].ProfileSysID)
	require.Contains(t, asked, "user_subscription.subscription_profile="+candidate+"^stateIN3")

	counts, err := client.Candidates.CountByState(t.Context(), filter)
	require.NoError(t, err)
	require.Equal(t, map[string]int{dictionary.StateClosedSkipped: 4}, counts)
}

func both(value, display string) map[string]string {
	return map[string]string{"value": value, "display_value": display}
}
