package restapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// backend is the least a Backend can be: the store without an engine. Start calls answer with a run that has ended, whose
// message tells what was started.
type backend struct{ db *store.Database }

func (b backend) View(ctx context.Context, fn func(*store.Tx) error) error { return b.db.View(ctx, fn) }

func (b backend) Insert(ctx context.Context, table string, values store.Row, _ store.WriteOptions) (row store.Row, err error) {
	err = b.db.Update(ctx, func(tx *store.Tx) error {
		if values["display_name"] == "refused" {
			return &store.BusinessRuleError{Table: table, Rule: "Refuse", SysID: testID, Message: "It is not wanted."}
		}
		row, err = tx.Insert(ctx, table, values)
		return err
	})
	return row, err
}

func (b backend) Update(ctx context.Context, table, sysID string, values store.Row, _ store.WriteOptions) (row store.Row, err error) {
	err = b.db.Update(ctx, func(tx *store.Tx) error {
		row, _, err = tx.Update(ctx, table, sysID, values)
		return err
	})
	return row, err
}

func (b backend) Delete(ctx context.Context, table, sysID string) error {
	return b.db.Update(ctx, func(tx *store.Tx) error { return tx.Delete(ctx, table, sysID) })
}

func (b backend) Capabilities(ctx context.Context) (companion.Capabilities, error) {
	id, err := b.db.InstanceID(ctx)
	return companion.Capabilities{InstanceID: id, Kind: companion.KindEmbedded}, err
}

func (b backend) start(ctx context.Context, what, profile, key string) (companion.Progress, error) {
	if profile != "" {
		if err := b.db.View(ctx, func(tx *store.Tx) error {
			_, err := tx.Get(ctx, dictionary.TableProfile, profile)
			return err
		}); err != nil {
			return companion.Progress{}, err
		}
	}
	link := companion.Link{ID: testID, URL: companion.ProgressPath(testID)}
	return companion.Progress{Links: companion.Links{Progress: link, Results: link}, Status: companion.StatusSuccessful, StatusMessage: what + " " + key}, nil
}

func (b backend) StartValidate(ctx context.Context, profile, key string) (companion.Progress, error) {
	return b.start(ctx, "validate", profile, key)
}

func (b backend) StartPublish(ctx context.Context, profile, key string) (companion.Progress, error) {
	return b.start(ctx, "publish", profile, key)
}

func (b backend) StartRefresh(ctx context.Context, profile string, r companion.RefreshRequest, key string) (companion.Progress, error) {
	return b.start(ctx, "refresh "+strings.Join(r.What, "+"), profile, key)
}

func (b backend) StartReconcile(ctx context.Context, r companion.ReconcileRequest, key string) (companion.Progress, error) {
	return b.start(ctx, "reconcile "+r.Publisher, "", key)
}

func (b backend) StartReclaim(ctx context.Context, r companion.ReclaimRequest, key string) (companion.Progress, error) {
	return b.start(ctx, "reclaim "+strings.Join(r.Candidates, "+"), "", key)
}

func (b backend) StartRestore(ctx context.Context, r companion.RestoreRequest, key string) (companion.Progress, error) {
	return b.start(ctx, "restore "+strings.Join(r.Candidates, "+"), "", key)
}

func (b backend) Answer(_ context.Context, candidate string, r companion.AnswerRequest) (companion.Answered, error) {
	if candidate == "closed" {
		return companion.Answered{}, &store.BusinessRuleError{Table: dictionary.TableCandidate, Rule: "Answers", Message: "It is Closed Skipped."}
	}
	return companion.Answered{Candidate: testID, Number: candidate, State: string(r.Answer) + " by " + r.By}, nil
}

func (b backend) CreateChild(_ context.Context, alias string, r companion.ChildRequest) (companion.Alias, error) {
	if r.Name == "" {
		return companion.Alias{}, &store.BusinessRuleError{Table: dictionary.TableAlias, Rule: "Alias name", Message: "It has no name."}
	}
	return companion.Alias{SysID: testID, ID: alias + "." + r.Name, Name: r.Name, Parent: alias}, nil
}

func (b backend) Groups(_ context.Context, alias string) (companion.GroupList, error) {
	if alias == "stale" {
		return companion.GroupList{}, &store.BusinessRuleError{Table: dictionary.TableAlias, Rule: "Groups of an alias", Message: "The token is stale."}
	}
	return companion.GroupList{Groups: []companion.Group{{ID: "g1", Name: "users of " + alias, Access: true}}}, nil
}

func (b backend) Progress(ctx context.Context, id string) (companion.Progress, error) {
	if id != testID {
		return companion.Progress{}, store.ErrNotFound
	}
	return b.start(ctx, "progress", "", "")
}

func (b backend) Cancel(ctx context.Context, id string) (companion.Progress, error) {
	p, err := b.Progress(ctx, id)
	p.Status = companion.StatusCanceled
	return p, err
}

const (
	testID = "00000000000000000000000000000001"
	table  = "/api/now/table/"
)

// instance is a handler under test with its database and faults.
type instance struct {
	http.Handler
	db     *store.Database
	faults *restapi.Faults
}

func newInstance(t testing.TB, change ...func(*restapi.Options)) instance {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC) }
	db, err := store.New("sqlite:"+filepath.Join(t.TempDir(), "sam.db"), store.Options{Now: now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	i := instance{db: db, faults: &restapi.Faults{}}
	o := restapi.Options{Faults: i.faults, Now: now}
	for _, c := range change {
		c(&o)
	}
	i.Handler = restapi.New(backend{db}, o)
	return i
}

// insert adds a row without the REST layer and returns its sys_id.
func (i instance) insert(t testing.TB, table string, row store.Row) string {
	t.Helper()
	var id string
	require.NoError(t, i.db.Update(t.Context(), func(tx *store.Tx) error {
		inserted, err := tx.Insert(t.Context(), table, row)
		id = inserted["sys_id"]
		return err
	}))
	return id
}

type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request with the mandatory headers; header pairs override them, and an empty value removes one.
func (i instance) do(t testing.TB, method, target, body string, header ...string) answer {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, "http://sam.example"+target, reader)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/json")
	for n := 0; n+1 < len(header); n += 2 {
		r.Header.Del(header[n])
		if header[n+1] != "" {
			r.Header.Set(header[n], header[n+1])
		}
	}
	w := httptest.NewRecorder()
	i.ServeHTTP(w, r)
	return answer{status: w.Code, header: w.Header(), body: w.Body.String()}
}

func (i instance) get(t testing.TB, target string) answer {
	t.Helper()
	return i.do(t, http.MethodGet, target, "")
}

// result decodes the result of a successful answer.
func result[T any](t testing.TB, a answer) T {
	t.Helper()
	var frame struct {
		Result T `json:"result"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &frame), a.body)
	return frame.Result
}

type rows = []map[string]string
