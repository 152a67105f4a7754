package instance_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// dialect is a published Trello profile, seen over the REST dialect alone.
type dialect struct {
	t        *testing.T
	client   *http.Client
	instance *instance.Instance
	trello   *double.Server
	profile  string

	mu  sync.Mutex
	now time.Time
}

func (d *dialect) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *dialect) wait(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(t)
}

func newDialect(t *testing.T, delivery string) *dialect {
	t.Helper()
	d := &dialect{t: t, now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)}
	var err error
	d.trello, err = double.Start(double.Options{Members: 100, Seed: 1, Now: d.Now, NoBudgets: true})
	require.NoError(t, err)
	t.Cleanup(d.trello.Close)
	d.instance, d.client, _ = newInstance(t, instance.Config{
		Now: d.Now, NotificationDelivery: delivery, Connectors: map[string]connector.Factory{
			dictionary.VendorTrello: func(c connector.Config) (connector.Connector, error) {
				c.Unlimited = true
				return trello.New(c)
			},
		},
	})
	credential := d.create(dictionary.TableAPIKeyCredential, map[string]string{"name": "key", "api_key": d.trello.Key(), "api_token": d.trello.Token()})
	d.create(dictionary.TableHTTPConnection, map[string]string{
		"name": "Trello", "connection_alias": dictionary.SeedID(dictionary.TableAlias, dictionary.TrelloAlias), "connection_url": d.trello.URL + "/",
		"credential": credential["sys_id"],
	})
	d.profile = d.create(dictionary.TableProfile, map[string]string{"display_name": "Trello", "profile_type": dictionary.TypeTrello})["sys_id"]
	d.run(companion.ValidatePath(d.profile), nil)
	d.run(companion.PublishPath(d.profile), nil)
	return d
}

// call sends a request and decodes the result of its answer.
func call[T any](d *dialect, method, path string, body any) (result T, status int) {
	d.t.Helper()
	raw := []byte("{}")
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		require.NoError(d.t, err)
	}
	response := do(d.t, d.client, method, path, string(raw))
	var answer struct{ Result T }
	require.NoError(d.t, json.NewDecoder(response.Body).Decode(&answer))
	return answer.Result, response.StatusCode
}

func (d *dialect) create(table string, values map[string]string) map[string]string {
	d.t.Helper()
	row, status := call[map[string]string](d, http.MethodPost, "/api/now/table/"+table+"?sysparm_exclude_reference_link=true&sysparm_input_display_value=true", values)
	require.Equal(d.t, http.StatusCreated, status)
	return row
}

func (d *dialect) patch(table, id string, values map[string]string) int {
	d.t.Helper()
	_, status := call[map[string]string](d, http.MethodPatch, "/api/now/table/"+table+"/"+id+"?sysparm_exclude_reference_link=true", values)
	return status
}

func (d *dialect) list(table, query string) []map[string]string {
	d.t.Helper()
	rows, status := call[[]map[string]string](d, http.MethodGet,
		"/api/now/table/"+table+"?sysparm_exclude_reference_link=true&sysparm_query="+url.QueryEscape(query), nil)
	require.Equal(d.t, http.StatusOK, status)
	return rows
}

func (d *dialect) state(c map[string]string) string {
	d.t.Helper()
	return dictionary.CandidateStateLabel(d.list(dictionary.TableCandidate, "sys_id="+c["sys_id"])[0]["state"])
}

// run starts long work and follows it to its end.
func (d *dialect) run(path string, body any) companion.Progress {
	d.t.Helper()
	p, status := call[companion.Progress](d, http.MethodPost, path, body)
	require.Equal(d.t, http.StatusAccepted, status)
	require.Eventually(d.t, func() bool {
		p, _ = call[companion.Progress](d, http.MethodGet, companion.ProgressPath(p.Links.Progress.ID), nil)
		return p.Done()
	}, 30*time.Second, time.Millisecond)
	require.Equal(d.t, companion.StatusSuccessful, p.Status, p.Error)
	return p
}

func (d *dialect) reclaim(c ...map[string]string) map[string]companion.Outcome {
	d.t.Helper()
	var request companion.ReclaimRequest
	for _, candidate := range c {
		request.Candidates = append(request.Candidates, candidate["sys_id"])
	}
	var outcome companion.ReclaimOutcome
	require.NoError(d.t, json.Unmarshal(d.run(companion.ReclaimPath(), request).Outcome, &outcome))
	outcomes := map[string]companion.Outcome{}
	for _, item := range outcome.Items {
		outcomes[item.Number] = item.Outcome
	}
	return outcomes
}

func (d *dialect) answer(c map[string]string, a companion.Answer) int {
	d.t.Helper()
	_, status := call[companion.Answered](d, http.MethodPost, companion.AnswerPath(c["sys_id"]), companion.AnswerRequest{Answer: a})
	return status
}

// deliver is a delivery channel: it reads the outbox and says what became of each message.
func (d *dialect) deliver(as string) int {
	d.t.Helper()
	waiting := d.list(dictionary.TableEmail, "type="+dictionary.EmailReady)
	for _, mail := range waiting {
		require.Contains(d.t, mail["recipients"], "@")
		require.Equal(d.t, http.StatusOK, d.patch(dictionary.TableEmail, mail["sys_id"], map[string]string{"type": as}))
	}
	return len(waiting)
}

func TestTheLifeOfACandidateOverTheDialect(t *testing.T) {
	t.Parallel()
	d := newDialect(t, instance.DeliveryExternal)
	capabilities, _ := call[companion.Capabilities](d, http.MethodGet, companion.CapabilitiesPath(), nil)
	require.True(t, capabilities.Notifications)
	rule := d.list(dictionary.TableReclamationRule, "")[0]
	require.Equal(t, http.StatusOK, d.patch(dictionary.TableReclamationRule, rule["sys_id"],
		map[string]string{"notify_user": "true", "days_before_auto_reclamation": "7"}))
	d.run(companion.RefreshPath(d.profile), nil)
	all := d.list(dictionary.TableCandidate, "state="+dictionary.StateReady+"^ORDERBYnumber")
	require.Greater(t, len(all), 5)
	c := all[:5]
	for number, outcome := range d.reclaim(c...) {
		require.Equal(t, companion.OutcomeAwaitingUser, outcome, number)
	}
	require.Equal(t, 5, d.deliver(dictionary.EmailSent))
	require.Empty(t, d.trello.Requests().Writes)

	require.Equal(t, http.StatusOK, d.answer(c[0], companion.AnswerRelease))
	require.Equal(t, http.StatusOK, d.answer(c[1], companion.AnswerKeep))
	require.Equal(t, http.StatusOK, d.answer(c[1], companion.AnswerKeepApproved))
	require.Equal(t, http.StatusOK, d.answer(c[2], companion.AnswerKeep))
	require.Equal(t, http.StatusOK, d.answer(c[2], companion.AnswerKeepRejected))
	require.Equal(t, http.StatusForbidden, d.answer(c[2], companion.AnswerKeepApproved))
	require.Equal(t, http.StatusNotFound, d.answer(map[string]string{"sys_id": "nope"}, companion.AnswerKeep))
	d.wait(8 * 24 * time.Hour)
	require.NoError(t, d.instance.RunDue(t.Context(), func(string) {}))
	want := []string{"Awaiting Revocation", "Closed Skipped", "Awaiting Revocation", "Awaiting Revocation", "Awaiting Revocation"}
	for i := range c {
		require.Equal(t, want[i], d.state(c[i]), i)
	}
	require.Empty(t, d.trello.Requests().Writes, "no answer and no job takes a licence")

	outcomes := d.reclaim(c[0], c[1], c[2], c[3])
	require.Equal(t, map[string]companion.Outcome{
		c[0]["number"]: companion.OutcomeDone, c[1]["number"]: companion.OutcomeSkippedClosed, c[2]["number"]: companion.OutcomeDone, c[3]["number"]: companion.OutcomeDone,
	}, outcomes)
	require.NoError(t, d.instance.AutoReclaimer(instance.AutoPolicy{}).Run(t.Context(), func(string) {}))
	for _, i := range []int{0, 2, 3, 4} {
		require.Equal(t, "Closed Complete", d.state(c[i]), i)
		require.Empty(t, d.list(dictionary.TableSubscription, "sys_id="+c[i]["user_subscription"]))
	}
	require.Len(t, d.trello.Requests().Writes, 4)
}

func TestWithoutADeliveryChannelNobodyIsAsked(t *testing.T) {
	t.Parallel()
	d := newDialect(t, "")
	rule := d.list(dictionary.TableReclamationRule, "")[0]
	require.Equal(t, http.StatusForbidden, d.patch(dictionary.TableReclamationRule, rule["sys_id"],
		map[string]string{"notify_user": "true", "days_before_auto_reclamation": "7"}))
	d.run(companion.RefreshPath(d.profile), nil)
	c := d.list(dictionary.TableCandidate, "state="+dictionary.StateReady)[0]
	require.Equal(t, http.StatusOK, d.patch(dictionary.TableCandidate, c["sys_id"], map[string]string{"notify_user": "true", "days_before_auto_reclamation": "7"}))
	require.Equal(t, companion.OutcomeDenied, d.reclaim(c)[c["number"]])
	require.Equal(t, "Ready", d.state(c))
	require.Empty(t, d.list(dictionary.TableEmail, ""))
	require.Empty(t, d.trello.Requests().Writes)
}
