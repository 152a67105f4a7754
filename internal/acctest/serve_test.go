package acctest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const (
	serveUser     = "sam.integrator"
	servePassword = "a password & of this/test"
)

// served is a running serve command.
type served struct {
	url  string
	cmd  *exec.Cmd
	rest chan string // what it printed after its first line
}

// serve serves the world's database until stop, or the end of the test.
func serve(t *testing.T, w *acctest.World) *served {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), acctest.Binary(t), "serve", "--database", w.DatabaseURL(), "--username", serveUser) //nolint:gosec // our binary
	cmd.Env = append(os.Environ(), "SERVICENOWSAM_SERVE_PASSWORD="+servePassword)
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	s := &served{cmd: cmd, rest: make(chan string, 1)}
	reader := bufio.NewReader(output)
	line, err := reader.ReadString('\n')
	require.NoError(t, err)
	require.NotContains(t, line, servePassword)
	var ready struct {
		URL         string
		Credentials struct{ Username string }
		Database    string
	}
	require.NoError(t, json.Unmarshal([]byte(line), &ready), line)
	require.Equal(t, serveUser, ready.Credentials.Username)
	require.Equal(t, w.DatabaseURL(), ready.Database)
	s.url = ready.URL
	go func() {
		rest, _ := io.ReadAll(reader) // it ends with the process
		s.rest <- string(rest)
	}()
	return s
}

// stop ends it as a service manager does.
func (s *served) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	rest := <-s.rest
	require.NoError(t, s.cmd.Wait(), "serve must end well")
	require.Empty(t, rest)
}

// throughEnvironment makes a root whose provider block is empty; the environment has the rest.
func throughEnvironment(t *testing.T, w *acctest.World, configuration ...string) *acctest.Root {
	t.Helper()
	return w.Root(t, append([]string{`provider "servicenowsam" {}`}, configuration...)...)
}

func environment(url, password string) map[string]string {
	return map[string]string{"SERVICENOW_INSTANCE": url, "SERVICENOW_USERNAME": serveUser, "SERVICENOW_PASSWORD": password}
}

var (
	anyID   = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	anyTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
)

// normalised is the state of everything, without what differs between two worlds: ids, times and addresses.
func normalised(t *testing.T, w *acctest.World, root *acctest.Root) string {
	t.Helper()
	var b strings.Builder
	for _, address := range everything {
		encoded, err := json.MarshalIndent(root.Attributes(t, address), "", " ")
		require.NoError(t, err)
		fmt.Fprintf(&b, "%s %s\n", address, encoded)
	}
	text := strings.ReplaceAll(b.String(), w.Double.URL, "URL")
	return anyTime.ReplaceAllString(anyID.ReplaceAllString(text, "ID"), "TIME")
}

// The same HCL does the same over TCP as within the process.
func TestAccServe_sameResults(t *testing.T) {
	t.Parallel()
	env := map[string]string{}
	inside, outside := acctest.NewWorld(t, acctest.Options{}), acctest.NewWorld(t, acctest.Options{Env: env})
	s := serve(t, outside)
	for name, value := range environment(s.url, servePassword) {
		env[name] = value
	}
	config := func(w *acctest.World) []string {
		return []string{w.Alias(), w.Profile(), w.Sync(), w.Reclamation(`max_removals = 1000`)}
	}
	there := throughEnvironment(t, outside, config(outside)...)
	here := inside.Root(t, append([]string{inside.ProviderBlock()}, config(inside)...)...)
	for range 2 { // the second apply reclaims
		here.MustApply(t)
		there.MustApply(t)
		require.Equal(t, normalised(t, inside, here), normalised(t, outside, there))
	}
	require.NotEmpty(t, outside.Double.Requests().Writes)
	require.Equal(t, len(inside.Double.Requests().Writes), len(outside.Double.Requests().Writes))
	here.RequireEmptyPlan(t)
	there.RequireEmptyPlan(t)

	// A server that is down, and one that moved, are not another instance.
	s.stop(t)
	failed := there.Plan(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), "Could not check the instance of", "connection refused", "Check the instance URL")
	requireKept(t, there, everything...)
	s = serve(t, outside)
	env["SERVICENOW_INSTANCE"] = s.url
	there.RequireEmptyPlan(t)
	s.stop(t)
	there.Write(t, append([]string{outside.ProviderBlock()}, config(outside)...)...)
	there.RequireEmptyPlan(t)
	gone := there.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
}

func TestAccServe_wrongPassword(t *testing.T) {
	t.Parallel()
	env := map[string]string{}
	w := acctest.NewWorld(t, acctest.Options{Env: env})
	s := serve(t, w)
	root := throughEnvironment(t, w, w.Alias(), w.Profile())
	const wrong = "not the password at all"
	for name, value := range environment(s.url, wrong) {
		env[name] = value
	}
	check := func(failed acctest.Result) {
		t.Helper()
		require.Equal(t, 1, failed.Code)
		requireAll(t, failed.Errors(), "401", "Check user name and password")
		require.NotContains(t, failed.Output, wrong)
	}
	check(root.Apply(t))
	require.NoFileExists(t, w.Database)
	env["SERVICENOW_PASSWORD"] = servePassword
	root.MustApply(t)
	env["SERVICENOW_PASSWORD"] = wrong
	check(root.Plan(t).Result)
	check(root.Apply(t))
	check(root.Destroy(t))
	requireKept(t, root, alias, profile)
	env["SERVICENOW_PASSWORD"] = servePassword
	root.RequireEmptyPlan(t)
	s.stop(t)
}

// An instance that gives no good answer is never taken for one without records.
func TestAccRemote_badAnswers(t *testing.T) {
	t.Parallel()
	for kind, wants := range map[restapi.FaultKind][]string{
		restapi.FaultHibernating:  {"hibernating", "Wake it on developer.servicenow.com"},
		restapi.FaultUnavailable:  {"offline", "try again later"},
		restapi.FaultTruncated:    {"time limit", "try again"},
		restapi.FaultErrorInside:  {"gave up half-way"},
		restapi.FaultUnauthorized: {"401", "Check user name and password"},
		restapi.FaultForbidden:    {"403", "role"},
		restapi.FaultServerError:  {"500"},
		restapi.FaultRateLimited:  {"429", "sys_rate_limit_rules"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{})
			faults := new(restapi.Faults)
			root := w.Root(t, acctest.RemoteBlock(w.Remote(t, faults)), w.Alias(), w.Profile())
			root.MustApply(t)
			wait := time.Duration(0)
			if kind == restapi.FaultRateLimited {
				wait = time.Hour
			}
			for _, path := range []string{"", "/api/now/table/"} {
				faults.Inject(restapi.Fault{Kind: kind, Path: path, RetryAfter: wait})
				failed := root.Plan(t)
				require.Equal(t, 1, failed.Code, path)
				requireAll(t, failed.Errors(), wants...)
				requireKept(t, root, alias, profile)
				faults.Clear()
			}
			root.RequireEmptyPlan(t)
		})
	}
}

// What the instance got over within moments, nobody hears of.
func TestAccRemote_passingTrouble(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	faults := new(restapi.Faults)
	root := w.Root(t, acctest.RemoteBlock(w.Remote(t, faults)), w.Alias(), w.Profile(), w.Sync())
	for _, kind := range []restapi.FaultKind{restapi.FaultRateLimited, restapi.FaultBusy, restapi.FaultUnavailable, restapi.FaultTruncated} {
		faults.Inject(restapi.Fault{Kind: kind, Method: "GET", Times: 1})
	}
	faults.Inject(restapi.Fault{Kind: restapi.FaultRateLimited, Method: "POST", Times: 1})
	root.MustApply(t)
	require.Equal(t, holders(w), known(t, w))
	root.RequireEmptyPlan(t)
}

func TestServe_refuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args, env []string
		want      string
	}{
		"no password":     {[]string{"serve", "--database", "sqlite:sam.db"}, nil, "set SERVICENOWSAM_SERVE_PASSWORD"},
		"no database":     {[]string{"serve"}, []string{"SERVICENOWSAM_SERVE_PASSWORD=p"}, "use --database sqlite:PATH"},
		"public address":  {[]string{"serve", "--database", "sqlite:sam.db", "--listen", "0.0.0.0:0"}, []string{"SERVICENOWSAM_SERVE_PASSWORD=p"}, "loopback addresses only"},
		"no port":         {[]string{"serve", "--database", "sqlite:sam.db", "--listen", "localhost"}, []string{"SERVICENOWSAM_SERVE_PASSWORD=p"}, "not host:port"},
		"run-due nothing": {[]string{"run-due"}, nil, "use --database sqlite:PATH"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), acctest.Binary(t), c.args...) //nolint:gosec // our binary
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), c.env...)
			output, err := cmd.CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(output), c.want)
			left, err := os.ReadDir(cmd.Dir)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

// run-due is for cron: it refreshes, says so, tells failure by its exit code, and never reclaims.
func TestAccRunDue(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	runDue := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), acctest.Binary(t), "run-due", "--database", w.DatabaseURL()) //nolint:gosec // our binary
		output, err := cmd.CombinedOutput()
		return string(output), err
	}
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultExpiredToken}))
	output, err := runDue()
	require.Error(t, err)
	requireAll(t, output, "SAM - Refresh Trello Subscriptions", "expired token", "make a new one")
	require.Empty(t, known(t, w))

	w.Double.ClearFaults()
	root.MustApply(t)
	jobs := w.Find(t, dictionary.TableScheduledJob, dictionary.JobName+"LIKERefresh Trello")
	require.Len(t, jobs, 1)
	w.Change(t, dictionary.TableScheduledJob, jobs[0][dictionary.SysID], map[string]string{dictionary.JobNextRun: "2001-01-01 00:00:00"})
	output, err = runDue()
	require.NoError(t, err, output)
	require.Contains(t, output, "SAM - Refresh Trello Subscriptions: started")
	require.Equal(t, holders(w), known(t, w))
	require.Empty(t, w.Double.Requests().Writes)
	require.NotContains(t, root.RequireEmptyPlan(t).Warnings(), "overdue")
}
