package acctest_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// soonEnough bounds every wait for another process.
const soonEnough = 30 * time.Second

// blow is one way to end an apply before its time.
type blow struct {
	name   string
	strike func(*testing.T, *running)
	// orderly tells whether the provider gets to store what it did, and Terraform to write its state.
	orderly bool
}

// blows are the ways in which people, CI systems and the kernel end an apply.
func blows() []blow {
	return []blow{
		{"Ctrl-C", func(t *testing.T, r *running) { r.group(t, syscall.SIGINT) }, true},
		{"Ctrl-C twice", func(t *testing.T, r *running) {
			r.group(t, syscall.SIGINT)
			r.eventually(t, "Terraform noticed", func() bool { return strings.Contains(r.output.String(), "Interrupt received") })
			// Where it has ended by then, the first one was enough.
			if err := syscall.Kill(-r.cmd.Process.Pid, syscall.SIGINT); err != nil {
				require.ErrorIs(t, err, syscall.ESRCH)
			}
		}, false},
		{"SIGTERM", func(t *testing.T, r *running) { require.NoError(t, r.cmd.Process.Signal(syscall.SIGTERM)) }, true},
		{"kill -9 of the provider", func(t *testing.T, r *running) {
			require.NoError(t, syscall.Kill(r.provider(t), syscall.SIGKILL))
		}, false},
		{"kill -9 of terraform", func(t *testing.T, r *running) {
			provider := r.provider(t)
			require.NoError(t, r.cmd.Process.Kill())
			r.eventually(t, "the provider ended by itself", func() bool { return syscall.Kill(provider, 0) != nil })
		}, false},
	}
}

// running is a terraform command that goes on while the test does something to it.
type running struct {
	cmd    *exec.Cmd
	output *lockedBuffer
	ended  chan struct{}
}

// start runs a command in a process group of its own, as a shell does.
func start(t *testing.T, root *acctest.Root, args ...string) *running {
	t.Helper()
	cmd, _, done := root.Command(t, args...)
	r := &running{cmd: cmd, output: new(lockedBuffer), ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = r.output, r.output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	go func() {
		_ = cmd.Wait() // the exit code is in ProcessState
		done()
		close(r.ended)
	}()
	return r
}

func (r *running) group(t *testing.T, s syscall.Signal) {
	t.Helper()
	require.NoError(t, syscall.Kill(-r.cmd.Process.Pid, s))
}

// provider finds the process of the provider: the child of terraform that runs our binary.
func (r *running) provider(t *testing.T) int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, stat := range stats {
		content, err := os.ReadFile(stat) //nolint:gosec // the process table
		if err != nil {
			continue // it ended meanwhile
		}
		// pid (name) state ppid: the name is the only field that may hold blanks (proc(5)).
		name, rest, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 2 || fields[1] != strconv.Itoa(r.cmd.Process.Pid) || !strings.Contains(name, "(terraform-prov") {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		require.NoError(t, err)
		return pid
	}
	require.Fail(t, "terraform runs no provider", "%s", r.output)
	return 0
}

func (r *running) eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, soonEnough, 5*time.Millisecond, "waiting until %s; terraform said:\n%s", what, r.output)
}

// wait waits for the end and tells how long it took.
func (r *running) wait(t *testing.T) (acctest.Result, time.Duration) {
	t.Helper()
	begin := time.Now()
	select {
	case <-r.ended:
	case <-time.After(soonEnough):
		_ = r.cmd.Process.Kill() // it may have ended meanwhile
		require.Fail(t, "terraform did not end", "%s", r.output)
	}
	return acctest.NewResult(r.cmd.ProcessState.ExitCode(), r.output.String()), time.Since(begin)
}

func requireProc(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("this system has no /proc to find the provider's process in")
	}
}

// promptly is how long an orderly end may take, with a vendor that does not answer for a minute: the provider stops within
// a second, Terraform writes its state, and the machine may be busy.
const promptly = 10 * time.Second

func TestAccInterrupted_refresh(t *testing.T) {
	t.Parallel()
	requireProc(t)
	for _, b := range blows() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{Members: 1500})
			root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync())
			root.MustApply(t, "-target="+profile)
			pages := w.Double.Requests().ByRoute[trello.RouteMembers]
			require.NoError(t, w.Double.Inject(trello.Injection{
				Fault: trello.FaultSlow, Route: trello.RouteMembers, After: 6, DelayMS: 60_000,
			}))
			root.UseBinary(t)
			r := start(t, root, "apply", "-json", "-auto-approve", "-input=false")
			r.eventually(t, "the refresh is under way", func() bool { return w.Double.Requests().ByRoute[trello.RouteMembers] > pages+6 })
			b.strike(t, r)
			result, took := r.wait(t)
			require.NotZero(t, result.Code, result.Output)
			if b.orderly {
				require.Less(t, took, promptly)
				requireAll(t, result.Errors(), "Could not refresh subscriptions of integration profile", "interrupted", "run the same command again")
			}
			require.Less(t, len(known(t, w)), len(holders(w)), "the blow came too late")
			requireKept(t, root, alias, profile)

			w.Double.ClearFaults()
			root.MustApply(t)
			require.Equal(t, holders(w), known(t, w), "lost or doubled")
			after := root.Attributes(t, refresh)
			require.Equal(t, "completed", after["status"])
			require.InDelta(t, after["downloaded"], after["created"].(float64)+after["updated"].(float64)+after["unchanged"].(float64), 0,
				"everybody is accounted for")
			root.RequireEmptyPlan(t)
			for _, log := range w.Find(t, dictionary.TableJobLog, "") {
				require.NotEqual(t, dictionary.JobLogInProgress, log[dictionary.JobLogStatus], "%v", log)
			}
		})
	}
}

func TestAccInterrupted_reclaim(t *testing.T) {
	t.Parallel()
	requireProc(t)
	for _, b := range blows() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{Members: 120})
			root := complete(t, w)
			root.UseBinary(t)
			plan := root.MustPlan(t)
			numbers, before := planned(t, plan), holders(w)
			require.Greater(t, len(numbers), 12)
			people := map[string]string{}
			for _, number := range numbers {
				people[personOf(t, w, number)] = number
			}

			require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultSlow, Route: trello.RouteLicensed, DelayMS: 300}))
			r := start(t, root, "apply", "-json", "-input=false", plan.File)
			r.eventually(t, "the reclaim is under way", func() bool { return len(w.Double.Requests().Writes) > 4 })
			b.strike(t, r)
			result, took := r.wait(t)
			require.NotZero(t, result.Code, result.Output)
			done := len(before) - len(holders(w))
			require.Positive(t, done)
			require.Less(t, done, len(numbers), "the blow came too late")
			if b.orderly {
				require.Less(t, took, promptly)
				requireAll(t, result.Errors(), "Could not reclaim", "interrupted", "not attempted")
				require.Len(t, outcomes(t, root), done, "what was done is on record")
			}
			requireKept(t, root, everything...)

			w.Double.ClearFaults()
			again := root.MustPlan(t)
			require.GreaterOrEqual(t, len(planned(t, again)), len(numbers)-done)
			for _, number := range planned(t, again) {
				require.Contains(t, numbers, number)
			}
			applied := again.Apply(t)
			require.Zero(t, applied.Code, applied.Errors())
			root.RequireEmptyPlan(t)

			require.Len(t, holders(w), len(before)-len(numbers))
			asked := map[string]int{}
			for _, write := range w.Double.Requests().Writes {
				require.False(t, write.Licensed)
				require.Contains(t, people, write.Member, "the plan did not name this person")
				asked[write.Member]++
			}
			require.Len(t, asked, len(numbers))
			repeated := 0
			for member, n := range asked {
				require.LessOrEqual(t, n, 2, "%s was asked for again and again", member)
				if n == 2 {
					repeated++
				}
			}
			limit := 0
			if !b.orderly {
				limit = reclaimsAtOnce
			}
			require.LessOrEqual(t, repeated, limit, "only what was in flight may be asked for again")
			for _, c := range w.Find(t, dictionary.TableCandidate, "") {
				require.Equal(t, dictionary.StateClosedComplete, c[dictionary.CandidateState], "%v", c)
			}
			require.Equal(t, holders(w), known(t, w))
		})
	}
}

// A vendor that hangs must not hold up an interrupt, and a licence that it takes all the same is found gone by the next run.
func TestAccInterrupted_reclaimWhileTheVendorHangs(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{Members: 80})
	root := complete(t, w)
	root.UseBinary(t)
	plan := root.MustPlan(t)
	numbers, before := planned(t, plan), holders(w)
	require.Greater(t, len(numbers), 8)
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultSlow, Route: trello.RouteLicensed, After: 2, DelayMS: 60_000}))
	r := start(t, root, "apply", "-json", "-input=false", plan.File)
	r.eventually(t, "the vendor hangs", func() bool { return w.Double.Requests().ByRoute[trello.RouteLicensed] >= 2+reclaimsAtOnce })
	r.group(t, syscall.SIGINT)
	result, took := r.wait(t)
	require.NotZero(t, result.Code)
	require.Less(t, took, promptly)
	requireAll(t, result.Errors(), "Could not reclaim", "interrupted", "not known whether the licence was taken")
	asked := w.Double.Requests().ByRoute[trello.RouteLicensed]
	require.Equal(t, 2+reclaimsAtOnce, asked, "nothing new may begin after an interrupt")
	// The double learns that its client is gone, and takes the licences all the same.
	r.eventually(t, "the double finished", func() bool { return len(w.Double.Requests().Writes) == asked })
	require.Len(t, holders(w), len(before)-asked)

	w.Double.ClearFaults()
	again := root.MustPlan(t)
	attempts := map[string]int{}
	for _, removal := range again.Change(reclamation).After.(map[string]any)["removals"].(map[string]any) {
		attempts[removal.(map[string]any)["attempt"].(string)]++
	}
	require.Equal(t, map[string]int{"first": len(numbers) - asked, "resume": reclaimsAtOnce}, attempts)
	applied := again.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.Len(t, holders(w), len(before)-len(numbers))
	root.RequireEmptyPlan(t)
	require.Equal(t, holders(w), known(t, w))
}

// reclaimsAtOnce is how many calls the embedded instance has in flight.
const reclaimsAtOnce = 4

// A create that is killed half-way leaves no state. The next one explains itself, and its import block leads on.
func TestAccInterrupted_create(t *testing.T) {
	t.Parallel()
	requireProc(t)
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile()).UseBinary(t)
	root.MustApply(t, "-target="+alias)
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultSlow, Route: trello.RouteMe, DelayMS: 20_000}))
	r := start(t, root, "apply", "-json", "-auto-approve", "-input=false")
	r.eventually(t, "the connection is validated", func() bool { return w.Double.Requests().ByRoute[trello.RouteMe] > 0 })
	require.NoError(t, syscall.Kill(r.provider(t), syscall.SIGKILL))
	result, _ := r.wait(t)
	require.NotZero(t, result.Code)
	require.Nil(t, root.Attributes(t, profile))
	w.Double.ClearFaults()

	left := w.Find(t, dictionary.TableProfile, "")
	require.Len(t, left, 1)
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	id := left[0][dictionary.SysID]
	block := fmt.Sprintf("import {\n    to = servicenowsam_integration_profile.NAME\n    id = %q\n  }", id)
	requireAll(t, failed.Errors(), "exists already", "If an earlier apply was interrupted", block)

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), strings.ReplaceAll(block, "NAME", "trello"))
	root.MustApply(t)
	require.Equal(t, id, root.Attribute(t, profile, "id"))
	require.Equal(t, dictionary.ProfileStatusPublished, root.Attribute(t, profile, "status"))
	root.RequireEmptyPlan(t)
}

// lockedBuffer is read while a process still writes to it.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

// Write implements io.Writer.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

// String implements fmt.Stringer.
func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
