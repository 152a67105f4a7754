package acctest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
)

// Root is a root module on disk that a real terraform binary works on. Every command gets a provider of its own, as it
// would outside of tests: inside this process by default, and as a process with UseBinary.
type Root struct {
	Dir    string
	Env    []string // added to the environment of every command
	world  *World
	binary bool
}

// Root makes a root module with this configuration.
func (w *World) Root(t *testing.T, configuration ...string) *Root {
	t.Helper()
	r := &Root{Dir: t.TempDir(), world: w}
	r.Write(t, configuration...)
	return r
}

// Write replaces the configuration.
func (r *Root) Write(t *testing.T, configuration ...string) {
	t.Helper()
	text := "terraform {\n  required_providers {\n    servicenowsam = { source = \"" + provider.Address + "\" }\n  }\n}\n" +
		strings.Join(configuration, "\n")
	require.NoError(t, os.WriteFile(filepath.Join(r.Dir, "main.tf"), []byte(text), 0o600))
}

// UseBinary makes the root drive the built provider, in a process of its own: for signals, logs, and what only a process
// shows.
func (r *Root) UseBinary(t *testing.T) *Root {
	t.Helper()
	dir, err := builtProvider(t.Context())
	require.NoError(t, err)
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", provider.Address, dir)
	path := filepath.Join(r.Dir, "dev.tfrc")
	require.NoError(t, os.WriteFile(path, []byte(config), 0o600))
	r.Env = append(r.Env, "TF_CLI_CONFIG_FILE="+path)
	r.binary = true
	return r
}

// Diagnostic is one error or warning as Terraform reported it.
type Diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
}

// Result is what a command did.
type Result struct {
	Code        int
	Output      string // everything it printed
	Diagnostics []Diagnostic
}

// Errors are the summaries and details of all errors.
func (r Result) Errors() string { return r.texts("error") }

// Warnings are the summaries and details of all warnings.
func (r Result) Warnings() string { return r.texts("warning") }

func (r Result) texts(severity string) string {
	var b strings.Builder
	for _, d := range r.Diagnostics {
		if d.Severity == severity {
			fmt.Fprintf(&b, "%s\n%s\n\n", d.Summary, d.Detail)
		}
	}
	return b.String()
}

// Text is the output for people, as one line: without the frames and line breaks that Terraform puts around diagnostics.
func (r Result) Text() string {
	return strings.Join(strings.FieldsFunc(r.Output, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune("│╷╵", c) }), " ")
}

// Run runs a terraform command and waits for it.
func (r *Root) Run(t *testing.T, args ...string) Result {
	t.Helper()
	cmd, output, done := r.Command(t, args...)
	err := cmd.Run()
	done()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return NewResult(cmd.ProcessState.ExitCode(), output.String())
}

// Command prepares a terraform command, for tests that send it signals. Call done when it has ended.
func (r *Root) Command(t *testing.T, args ...string) (cmd *exec.Cmd, output *bytes.Buffer, done func()) {
	t.Helper()
	args = append([]string{args[0], "-no-color"}, args[1:]...)
	cmd = exec.CommandContext(t.Context(), os.Getenv(envTerraformPath), args...) //nolint:gosec // the binary under test
	cmd.Dir = r.Dir
	cmd.Env = append(os.Environ(), r.Env...)
	output = &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = output, output
	if r.binary {
		return cmd, output, func() {}
	}
	reattach, done := r.world.serve(t)
	cmd.Env = append(cmd.Env, "TF_REATTACH_PROVIDERS="+reattach)
	return cmd, output, done
}

// NewResult reads the diagnostics out of what a command with -json printed.
func NewResult(code int, output string) Result {
	r := Result{Code: code, Output: output}
	lines := bufio.NewScanner(strings.NewReader(output))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var line struct {
			Diagnostic *Diagnostic `json:"diagnostic"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Diagnostic != nil {
			r.Diagnostics = append(r.Diagnostics, *line.Diagnostic)
		}
	}
	return r
}

// Apply plans and applies in one go.
func (r *Root) Apply(t *testing.T, args ...string) Result {
	t.Helper()
	return r.Run(t, append([]string{"apply", "-json", "-auto-approve", "-input=false"}, args...)...)
}

// MustApply is Apply that has to succeed.
func (r *Root) MustApply(t *testing.T, args ...string) Result {
	t.Helper()
	result := r.Apply(t, args...)
	require.Zero(t, result.Code, "apply failed:\n%s", result.Errors())
	return result
}

// Destroy destroys everything.
func (r *Root) Destroy(t *testing.T) Result {
	t.Helper()
	return r.Run(t, "apply", "-json", "-destroy", "-auto-approve", "-input=false")
}

// Plan is a saved plan.
type Plan struct {
	Result
	*tfjson.Plan
	File string
	root *Root
}

// Plan makes a plan and saves it. Code is 0 for an empty plan and 2 for one with changes; 1 is a failure, without a file.
func (r *Root) Plan(t *testing.T, args ...string) *Plan {
	t.Helper()
	p := &Plan{root: r, File: filepath.Join(r.Dir, fmt.Sprintf("plan-%d.tfplan", time.Now().UnixNano()))}
	p.Result = r.Run(t, append([]string{"plan", "-json", "-detailed-exitcode", "-input=false", "-out=" + p.File}, args...)...)
	if p.Code == 1 {
		return p
	}
	shown := r.Run(t, "show", "-json", p.File)
	require.Zero(t, shown.Code, shown.Output)
	p.Plan = new(tfjson.Plan)
	require.NoError(t, json.Unmarshal([]byte(jsonLine(shown.Output)), p.Plan))
	return p
}

// MustPlan is Plan that has to succeed.
func (r *Root) MustPlan(t *testing.T, args ...string) *Plan {
	t.Helper()
	p := r.Plan(t, args...)
	require.NotEqual(t, 1, p.Code, "plan failed:\n%s", p.Errors())
	return p
}

// RequireEmptyPlan plans, and fails unless there is nothing to do.
func (r *Root) RequireEmptyPlan(t *testing.T) *Plan {
	t.Helper()
	p := r.MustPlan(t)
	require.Zero(t, p.Code, "the plan is not empty: %s", p.Describe())
	return p
}

// Apply applies the saved plan.
func (p *Plan) Apply(t *testing.T) Result {
	t.Helper()
	return p.root.Run(t, "apply", "-json", "-input=false", p.File)
}

// ApplyInAnotherWorld changes the world and then applies the saved plan. Terraform plans again during an apply, so a plan
// that looked at more than what Read pinned would now be "inconsistent"; that fails the test. What the apply did is for the
// caller to judge: it must not be more than the plan showed.
func (p *Plan) ApplyInAnotherWorld(t *testing.T, change func()) Result {
	t.Helper()
	change()
	result := p.Apply(t)
	require.NotContains(t, result.Errors(), "inconsistent")
	require.NotContains(t, result.Errors(), "Provider produced")
	return result
}

// Change is the planned change of a resource, or nil.
func (p *Plan) Change(address string) *tfjson.Change {
	for _, c := range p.ResourceChanges {
		if c.Address == address {
			return c.Change
		}
	}
	return nil
}

// Describe lists what a plan changes, for the message of a failed test.
func (p *Plan) Describe() string {
	var b strings.Builder
	for _, c := range p.ResourceChanges {
		if c.Change.Actions.NoOp() {
			continue
		}
		fmt.Fprintf(&b, "%s %v\n  before %v\n  after %v\n", c.Address, c.Change.Actions, c.Change.Before, c.Change.After)
	}
	return b.String()
}

// Import imports a resource of the configuration into the state.
func (r *Root) Import(t *testing.T, address, id string) Result {
	t.Helper()
	return r.Run(t, "import", "-input=false", address, id)
}

// Attributes are the values of a resource in the state, or nil.
func (r *Root) Attributes(t *testing.T, address string) map[string]any {
	t.Helper()
	shown := r.Run(t, "show", "-json")
	require.Zero(t, shown.Code, shown.Output)
	var state tfjson.State
	require.NoError(t, json.Unmarshal([]byte(jsonLine(shown.Output)), &state))
	if state.Values == nil || state.Values.RootModule == nil {
		return nil
	}
	for _, resource := range state.Values.RootModule.Resources {
		if resource.Address == address {
			return resource.AttributeValues
		}
	}
	return nil
}

// Attribute is one text attribute of a resource in the state.
func (r *Root) Attribute(t *testing.T, address, name string) string {
	t.Helper()
	value, ok := r.Attributes(t, address)[name].(string)
	require.True(t, ok, "%s has no text attribute %s", address, name)
	return value
}

// jsonLine is the line of an output that is JSON; the rest are warnings about overridden providers.
func jsonLine(output string) string {
	for line := range strings.SplitSeq(output, "\n") {
		if strings.HasPrefix(line, "{") {
			return line
		}
	}
	return output
}

// serve serves a new provider to one command, inside this process. The string is for TF_REATTACH_PROVIDERS.
func (w *World) serve(t *testing.T) (reattach string, done func()) {
	t.Helper()
	p := w.newProvider()
	server, err := providerserver.NewProtocol6WithError(p)()
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	configs := make(chan *goplugin.ReattachConfig)
	closed := make(chan struct{})
	served := make(chan error, 1)
	go func() {
		served <- tf6server.Serve(provider.Address, func() tfprotov6.ProviderServer { return server },
			tf6server.WithDebug(ctx, configs, closed), tf6server.WithLoggingSink(t),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()))
	}()
	config := <-configs
	encoded, err := json.Marshal(map[string]any{provider.Address: map[string]any{
		"Protocol": string(config.Protocol), "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": config.Test,
		"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
	}})
	require.NoError(t, err)
	return string(encoded), func() {
		cancel()
		<-closed
		require.NoError(t, <-served)
		require.NoError(t, p.Close(context.WithoutCancel(t.Context())))
	}
}

var built struct {
	sync.Once
	dir string
	err error
}

// builtProvider builds the provider once per test process and returns the folder that holds it.
func builtProvider(ctx context.Context) (string, error) {
	built.Do(func() {
		root, err := checkout()
		if err != nil {
			built.err = err
			return
		}
		if built.dir, built.err = os.MkdirTemp("", "acctest-provider-"); built.err != nil {
			return
		}
		if built.err = os.Chmod(built.dir, 0o755); built.err != nil { //nolint:gosec // a test may run terraform as another user
			return
		}
		build := exec.CommandContext(context.WithoutCancel(ctx), "go", "build", "-buildvcs=false", //nolint:gosec // our own command
			"-o", filepath.Join(built.dir, "terraform-provider-servicenowsam"), ".")
		build.Dir = root
		if output, err := build.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("build the provider: %w\n%s", err, output)
		}
	})
	return built.dir, built.err
}

func removeProvider() error {
	if built.dir == "" {
		return nil
	}
	return os.RemoveAll(built.dir)
}
