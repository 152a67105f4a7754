package engine_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// barrier lets some pass and stops the next one, until it is released.
type barrier struct {
	pass    atomic.Int64
	reached chan struct{}
	release chan struct{}
}

func newBarrier() *barrier {
	return &barrier{reached: make(chan struct{}), release: make(chan struct{})}
}

func (b *barrier) stop(ctx context.Context) error {
	if b.pass.Add(-1) != -1 {
		return nil
	}
	close(b.reached)
	select {
	case <-b.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stopping is Trello's connector, stopped after the first page of its list, and after the first licence it took.
type stopping struct {
	*trello.Trello
	list, reclaim *barrier
}

func (s stopping) Subscriptions(ctx context.Context, emit func([]connector.Subscription) error) (connector.Walk, error) {
	return s.Trello.Subscriptions(ctx, func(page []connector.Subscription) error {
		if err := emit(page); err != nil || s.list == nil {
			return err
		}
		return s.list.stop(ctx)
	})
}

func (s stopping) Reclaim(ctx context.Context, id string) (connector.Result, error) {
	result, err := s.Trello.Reclaim(ctx, id)
	if err == nil && s.reclaim != nil {
		err = s.reclaim.stop(ctx)
	}
	return result, err
}

// Restore stops like Reclaim: after it gave a licence back.
func (s stopping) Restore(ctx context.Context, id string, snapshot json.RawMessage) (connector.Restored, error) {
	result, err := s.Trello.Restore(ctx, id, snapshot)
	if err == nil && s.reclaim != nil {
		err = s.reclaim.stop(ctx)
	}
	return result, err
}

func stoppingAt(list, reclaim *barrier) connector.Factory {
	return func(cfg connector.Config) (connector.Connector, error) {
		c, err := unlimited(cfg)
		if err != nil {
			return nil, err
		}
		return stopping{c.(*trello.Trello), list, reclaim}, nil
	}
}

// reopen puts another engine over the world's database, with its own connector.
func (w *world) reopen(factory connector.Factory, changes ...func(*engine.Options)) *world {
	w.t.Helper()
	other := *w
	other.db, other.Engine = openEngine(w.t, w.url, w.clock, factory, changes...)
	return &other
}

func (w *world) startRefresh() companion.Progress {
	w.t.Helper()
	p, err := w.StartRefresh(w.t.Context(), w.profile, companion.RefreshRequest{}, "")
	require.NoError(w.t, err)
	return p
}

func TestCanceledRefreshEndsAtOnceAndIsRunAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	w.publish()
	at := newBarrier()
	slow := w.reopen(stoppingAt(at, nil))
	started := slow.startRefresh()
	<-at.reached
	p, err := slow.Cancel(t.Context(), started.Links.Progress.ID)
	require.NoError(t, err)
	require.Equal(t, companion.StatusCanceled, p.Status)
	require.Contains(t, p.Error, "canceled on request")
	o := decode[companion.RefreshOutcome](t, p)
	require.False(t, o.Complete)
	log := w.get(dictionary.TableJobLog, o.JobLog.SysID)
	require.Equal(t, dictionary.JobLogFailed, log["status"])
	require.Equal(t, "canceled on request", log["message"])
	require.Equal(t, w.clock.Now().Format(time.DateTime), w.find(dictionary.TableScheduledJob, "subscription_profile="+w.profile)[0]["next_run"],
		"the job is still due")
	require.Zero(t, w.count(dictionary.TableCandidate, ""))

	o = w.refresh()
	require.True(t, o.Complete)
	require.Equal(t, 250, w.count(dictionary.TableSubscription, ""))
}

func TestAnotherProcessCancels(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	w.publish()
	at := newBarrier()
	slow := w.reopen(stoppingAt(at, nil), func(o *engine.Options) { o.LeaseTTL = 30 * time.Millisecond }) // a quick heart
	started := slow.startRefresh()
	<-at.reached
	_, err := w.Cancel(t.Context(), started.Links.Progress.ID)
	require.NoError(t, err)
	p := slow.ended(started, nil)
	require.Equal(t, companion.StatusCanceled, p.Status)
	require.Contains(t, p.Error, "canceled on request")
}

func TestCloseEndsRunsAndForbidsNewOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	w.publish()
	at := newBarrier()
	slow := w.reopen(stoppingAt(at, nil))
	started := slow.startRefresh()
	<-at.reached
	require.NoError(t, slow.Engine.Close(t.Context()))
	p, err := w.Progress(t.Context(), started.Links.Progress.ID)
	require.NoError(t, err)
	require.Equal(t, companion.StatusCanceled, p.Status)
	_, err = slow.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{}, "")
	require.ErrorContains(t, err, "the process that ran it is ending")
	require.Equal(t, 250, w.refresh().Downloaded)
}

func TestOneRunAtATimeWorksOnAProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	w.publish()
	at := newBarrier()
	slow := w.reopen(stoppingAt(at, nil))
	first := slow.startRefresh()
	<-at.reached
	second := w.startRefresh()
	close(at.release)
	slow.ended(first, nil)
	p := w.ended(second, nil)
	require.Equal(t, companion.StatusSuccessful, p.Status, p.Error)
	require.Equal(t, 250, decode[companion.RefreshOutcome](t, p).Unchanged)
	require.Equal(t, 250, w.count(dictionary.TableSubscription, ""))
	require.Equal(t, 2, w.count(dictionary.TableJobLog, "status=completed"))
}

func TestTwoProcessesRunADueJobOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	w.publish()
	w.clock.advance(7 * day) // the standing jobs are due as well
	other := w.reopen(unlimited)
	var wg sync.WaitGroup
	for _, e := range []*engine.Engine{w.Engine, other.Engine} {
		wg.Go(func() {
			if err := e.RunDue(t.Context(), func(string) {}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, w.count(dictionary.TableJobLog, "subscription_profile="+w.profile))
	for _, name := range []string{
		dictionary.JobUpdateCandidates, dictionary.JobRestrictedSoftware, dictionary.JobAutoReclamation, dictionary.JobReconciliation,
		dictionary.JobMetering,
	} {
		require.Equal(t, 1, w.count(dictionary.TableJobLog, "name="+name), name)
	}
}

func TestSuspendedRunWritesNothingAfterItWasTakenOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	w.publish()
	at := newBarrier()
	slow := w.reopen(stoppingAt(at, nil))
	started := slow.startRefresh()
	<-at.reached
	w.clock.advance(11 * time.Second)
	o := w.refresh()
	require.Equal(t, 250, o.Created)
	logs := w.find(dictionary.TableJobLog, "ORDERBYnumber")
	require.Equal(t, dictionary.JobLogFailed, logs[0]["status"])
	require.Contains(t, logs[0]["message"], "interrupted")
	subscriptions := w.find(dictionary.TableSubscription, "ORDERBYsys_id")
	candidates := w.find(dictionary.TableCandidate, "ORDERBYsys_id")

	close(at.release)
	p := slow.ended(started, nil)
	require.Equal(t, companion.StatusCanceled, p.Status)
	require.Contains(t, p.Error, "lease was lost")
	require.Equal(t, subscriptions, w.find(dictionary.TableSubscription, "ORDERBYsys_id"))
	require.Equal(t, candidates, w.find(dictionary.TableCandidate, "ORDERBYsys_id"))
}

func TestDeletedProfileStopsItsRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	w.publish()
	at := newBarrier()
	slow := w.reopen(stoppingAt(at, nil))
	started := slow.startRefresh()
	<-at.reached
	require.NoError(t, w.Delete(t.Context(), dictionary.TableProfile, w.profile))
	close(at.release)
	p := slow.ended(started, nil)
	require.Equal(t, companion.StatusCanceled, p.Status)
	require.Zero(t, w.count(dictionary.TableSubscription, ""))
}

func TestCanceledReclaimFinishesTheCallInHand(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 10)
	at := newBarrier()
	slow := w.reopen(stoppingAt(nil, at))
	started, err := slow.StartReclaim(t.Context(), companion.ReclaimRequest{Candidates: ids(candidates)}, "")
	require.NoError(t, err)
	<-at.reached
	canceled := make(chan companion.Progress)
	go func() {
		p, err := slow.Cancel(context.WithoutCancel(t.Context()), started.Links.Progress.ID)
		if err != nil {
			t.Error(err)
		}
		canceled <- p
	}()
	close(at.release)
	p := <-canceled
	done := decode[companion.ReclaimOutcome](t, p).Items
	for i, c := range candidates {
		state := w.get(dictionary.TableCandidate, c["sys_id"])["state"]
		if w.holds(members[i]) {
			require.Equal(t, dictionary.StateReady, state)
		} else {
			require.Equal(t, dictionary.StateClosedComplete, state)
		}
	}
	require.Equal(t, len(done), w.count(dictionary.TableCandidate, "state="+dictionary.StateClosedComplete))
}

// The tests below kill a process of their own kind: this variable tells it what to do.
const childWork = "SAM_ENGINE_TEST_CHILD"

func TestMain(m *testing.M) {
	if work := os.Getenv(childWork); work != "" {
		if err := child(strings.Fields(work)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child starts a refresh, or a reclaim or restore of candidates, and says when it is in the middle of it, where it stays.
func child(args []string) error {
	work, url, profile, candidates := args[0], args[1], args[2], args[3:]
	clock := newClock()
	db, err := store.New(url, store.Options{Now: clock.Now})
	if err != nil {
		return err
	}
	list, reclaim := newBarrier(), newBarrier()
	list.pass.Store(80) // pages
	e := engine.New(db, engine.Options{Now: clock.Now, Connectors: map[string]connector.Factory{dictionary.VendorTrello: stoppingAt(list, reclaim)}})
	switch work {
	case "restore":
		_, err = e.StartRestore(context.Background(), companion.RestoreRequest{Candidates: candidates}, "same apply")
	case "reclaim":
		_, err = e.StartReclaim(context.Background(), companion.ReclaimRequest{Candidates: candidates}, "same apply")
	default:
		_, err = e.StartRefresh(context.Background(), profile, companion.RefreshRequest{}, "same apply")
	}
	if err != nil {
		return err
	}
	select {
	case <-list.reached:
	case <-reclaim.reached:
	}
	fmt.Println("in the middle")
	select {}
}

// kill runs a child until it is in the middle of its work, and kills it.
func (w *world) kill(work string, candidates ...string) {
	w.t.Helper()
	command := exec.CommandContext(w.t.Context(), os.Args[0])
	command.Env = append(os.Environ(), childWork+"="+strings.Join(append([]string{work, w.url, w.profile}, candidates...), " "))
	out, err := command.StdoutPipe()
	require.NoError(w.t, err)
	require.NoError(w.t, command.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(w.t, err)
	require.Equal(w.t, "in the middle\n", line)
	require.NoError(w.t, command.Process.Kill())
	require.Error(w.t, command.Wait())
}

func TestKilledRefreshIsTakenOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12_000) // more than a batch, so that the child has stored a part
	w.publish()
	w.kill("refresh")
	part := w.count(dictionary.TableSubscription, "")
	require.Equal(t, 1, w.count(dictionary.TableJobLog, "status=in_progress"))
	dead := w.find(dictionary.TableExecutionTracker, "workSTARTSWITHrefresh")[0]
	w.clock.advance(30 * time.Second)
	p, err := w.Progress(t.Context(), dead["sys_id"])
	require.NoError(t, err)
	require.Equal(t, companion.StatusCanceled, p.Status, "nobody waits for a dead process")

	p, err = w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{}, "same apply")
	o := outcome[companion.RefreshOutcome](w, p, err)
	require.NotEqual(t, dead["sys_id"], p.Links.Progress.ID)
	require.Equal(t, 12_000, o.Downloaded)
	require.Equal(t, 12_000-part, o.Created)
	require.Equal(t, 12_000, w.count(dictionary.TableSubscription, ""))
	require.Equal(t, companion.StatusCanceled, w.get(dictionary.TableExecutionTracker, dead["sys_id"])["state"])
	logs := w.find(dictionary.TableJobLog, "ORDERBYnumber")
	require.Len(t, logs, 2)
	require.Equal(t, dictionary.JobLogFailed, logs[0]["status"])
	require.Contains(t, logs[0]["message"], "interrupted")
	require.Equal(t, dictionary.JobLogCompleted, logs[1]["status"])
	require.Equal(t, len(w.trello.Members(0, w.stale)), w.count(dictionary.TableCandidate, ""))
}

func TestKilledReclaimIsResumed(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 1)
	w.kill("reclaim", ids(candidates)...)
	require.False(t, w.holds(members[0]), "the vendor took the licence, and nobody knows")
	require.Equal(t, dictionary.StateAwaitingRevocation, w.get(dictionary.TableCandidate, candidates[0]["sys_id"])["state"])
	w.clock.advance(30 * time.Second)
	p, err := w.StartReclaim(t.Context(), companion.ReclaimRequest{Candidates: ids(candidates)}, "same apply")
	o := outcome[companion.ReclaimOutcome](w, p, err)
	require.Equal(t, companion.OutcomeDone, o.Items[0].Outcome, o.Items[0].Message)
	after := w.get(dictionary.TableCandidate, candidates[0]["sys_id"])
	require.Equal(t, dictionary.StateClosedComplete, after["state"])
	require.Contains(t, after["work_notes"], "Resumed after an interruption")
	require.Zero(t, w.count(dictionary.TableSubscription, "external_user_id="+members[0].ID))
	require.False(t, w.holds(members[0]))
	items := w.find(dictionary.TableReclamationRunItem, "")
	require.Len(t, items, 1, "the kill neither lost nor doubled the outcome")
	require.Equal(t, "done", items[0]["outcome"])
	require.Equal(t, items[0]["run"], o.Run.SysID)
	require.Equal(t, 2, w.count(dictionary.TableReclamationRun, "requested=1"), "the killed run left its trace")
}

func TestKilledRestoreIsResumed(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 1)
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, candidates[0]).Outcome)
	w.kill("restore", ids(candidates)...)
	require.True(t, w.holds(members[0]), "the vendor gave the licence back, and nobody knows")
	require.Empty(t, w.get(dictionary.TableCandidate, candidates[0]["sys_id"])["restored_on"])
	w.clock.advance(30 * time.Second)
	p, err := w.StartRestore(t.Context(), companion.RestoreRequest{Candidates: ids(candidates)}, "same apply")
	o := outcome[companion.RestoreOutcome](w, p, err)
	require.Equal(t, companion.RestoreDone, o.Items[0].Outcome, o.Items[0].Message)
	after := w.get(dictionary.TableCandidate, candidates[0]["sys_id"])
	require.NotEmpty(t, after["restored_on"])
	require.Contains(t, after["work_notes"], "Resumed after an interruption. Giving the licence back")
	require.Equal(t, 1, w.count(dictionary.TableSubscription, "external_user_id="+members[0].ID))
	require.Zero(t, w.undos())
	require.Equal(t, 1, w.count(dictionary.TableReclamationRunItem, "run.kind=restore"), "the kill neither lost nor doubled the outcome")
}
