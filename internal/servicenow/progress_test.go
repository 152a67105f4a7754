package servicenow_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

func progress(status, message string, outcome string) map[string]any {
	p := map[string]any{
		"links":  map[string]any{"progress": map[string]any{"id": "run1", "url": "https://elsewhere/ignored"}},
		"status": status, "status_label": "Label", "status_message": message,
	}
	if outcome != "" {
		p["outcome"] = map[string]any{"note": outcome}
	}
	return p
}

func TestRunIsFollowedToItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers := []map[string]any{
			progress(companion.StatusRunning, "page 1", ""), progress(companion.StatusRunning, "page 1", ""),
			progress("7", "page 2", ""), progress(companion.StatusSuccessful, "done", "good"),
		}
		var next atomic.Int32
		client := inMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				require.Equal(t, "key1", r.Header.Get(companion.IdempotencyKeyHeader))
				answerResult(w, http.StatusAccepted, progress(companion.StatusPending, "", ""))
				return
			}
			answerResult(w, http.StatusOK, answers[next.Add(1)-1])
		})
		p, err := client.Start(context.Background(), companion.PublishPath("p1"), nil, "key1")
		require.NoError(t, err)
		var lines []string
		p, err = client.Wait(context.Background(), p, func(line string) { lines = append(lines, line) })
		require.NoError(t, err)
		require.Equal(t, companion.StatusSuccessful, p.Status)
		require.JSONEq(t, `{"note":"good"}`, string(p.Outcome))
		require.Equal(t, []string{"Label", "page 1", "page 2", "done"}, lines, "a line only when something changed")
	})
}

func TestStartIsRepeatedUnderItsKey(t *testing.T) {
	t.Parallel()
	s := serve(t, failing(2, unavailable, func(w http.ResponseWriter, _ *http.Request) {
		answerResult(w, http.StatusAccepted, progress(companion.StatusPending, "", ""))
	}))
	p, err := s.client(t).Start(context.Background(), companion.ReclaimPath(), companion.ReclaimRequest{}, "key")
	require.NoError(t, err)
	require.Equal(t, "run1", p.Links.Progress.ID)
	require.Len(t, s.seen(), 3)
}

func TestCanceledWaiterCancelsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		var canceled atomic.Bool
		client := inMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/cancel"):
				canceled.Store(true)
				answerResult(w, http.StatusOK, progress(companion.StatusRunning, "stopping", ""))
			case canceled.Load():
				answerResult(w, http.StatusOK, progress(companion.StatusCanceled, "stopped", "two of five"))
			default:
				cancel()
				answerResult(w, http.StatusOK, progress(companion.StatusRunning, "working", ""))
			}
		})
		p, err := client.Wait(ctx, companion.Progress{Status: companion.StatusRunning, Links: companion.Links{Progress: companion.Link{ID: "run1"}}}, nil)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, companion.StatusCanceled, p.Status)
		require.JSONEq(t, `{"note":"two of five"}`, string(p.Outcome), "what was done until then is not lost")
	})
}

func TestRunThatDoesNotStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		client := inMemoryClient(t, func(w http.ResponseWriter, _ *http.Request) {
			answerResult(w, http.StatusOK, progress(companion.StatusRunning, "stuck", ""))
		})
		start := time.Now()
		_, err := client.Wait(ctx, companion.Progress{Links: companion.Links{Progress: companion.Link{ID: "run1"}}}, nil)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, "has not stopped")
		require.Equal(t, 2*time.Second, time.Since(start))
	})
}

// A caller that goes away while the start call is under way must not leave a run that nobody knows of.
func TestStartLearnsTheRunAlthoughItsCallerLeft(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		answerResult(w, http.StatusAccepted, progress(companion.StatusRunning, "", ""))
	})
	p, err := s.client(t).Start(ctx, companion.RefreshPath("p1"), nil, "key")
	require.NoError(t, err)
	require.Equal(t, "run1", p.Links.Progress.ID)

	_, err = s.client(t).Start(ctx, companion.RefreshPath("p1"), nil, "key")
	require.ErrorIs(t, err, context.Canceled, "nothing is started for a caller who has gone")
	require.Len(t, s.seen(), 1)
}

func TestTableModeIsRecognised(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 404} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			answerError(w, status, "Requested URI does not represent any resource", "")
		})
		_, err := s.client(t).Capabilities(context.Background())
		require.ErrorIs(t, err, servicenow.ErrNoRoute)
		require.NotErrorIs(t, err, servicenow.ErrNotFound)
	}
}
