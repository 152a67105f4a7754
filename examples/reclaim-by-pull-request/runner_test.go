package reclaimbypullrequest_test

import (
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
)

// runner runs a workflow as GitHub does: every job on a machine of its own, with nothing but what its steps put there,
// the repository, the artifacts and the state that Terraform keeps elsewhere.
type runner struct {
	workflow workflow
	remote   string            // bare repository
	bucket   string            // where the remote state is
	store    string            // where artifacts are
	tools    string            // folder with the commands that every machine has
	config   string            // Terraform's CLI configuration
	values   map[string]string // of expressions, without those of the event
	secrets  []string          // that no log may show

	// approve is asked before a job that is for a protected environment; nil says no.
	approve func(environment string) bool
	runs    int
}

// newRunner makes a repository of an example.
func newRunner(t *testing.T, example string, values map[string]string) *runner {
	t.Helper()
	r := &runner{
		workflow: readWorkflow(t, filepath.Join(example, ".github", "workflows", "reclaim.yml")),
		remote:   t.TempDir(), bucket: t.TempDir(), store: t.TempDir(), tools: t.TempDir(),
		config: acctest.Mirror(t), values: values,
	}
	for name, value := range values {
		if strings.HasPrefix(name, "secrets.") {
			r.secrets = append(r.secrets, value)
		}
	}
	git(t, r.remote, "init", "--quiet", "--bare", "--initial-branch=main")
	first := t.TempDir()
	git(t, first, "init", "--quiet", "--initial-branch=main")
	require.NoError(t, os.CopyFS(first, os.DirFS(example)))
	git(t, first, "add", "--all")
	git(t, first, "commit", "--quiet", "--message", "Import the example")
	git(t, first, "push", "--quiet", r.remote, "main")
	return r
}

// ran is what one run of a workflow did.
type ran struct {
	jobs    []string          // that were run, in order
	logs    map[string]string // by job
	summary string
}

func (r ran) log() string {
	var all strings.Builder
	for _, job := range r.jobs {
		all.WriteString(r.logs[job])
	}
	return all.String()
}

// run runs the workflow for an event on a branch.
func (r *runner) run(t *testing.T, event, branch, actor string) ran {
	t.Helper()
	require.Contains(t, r.workflow.On, event)
	r.runs++
	e := expressions{t: t, values: maps.Clone(r.values)}
	maps.Copy(e.values, map[string]string{
		"github.event_name": event, "github.ref": "refs/heads/" + branch, "github.actor": actor, "github.run_id": fmt.Sprint(1000 + r.runs),
		"github.server_url": "https://github.example", "github.repository": "example/licences", "github.token": "example-github-token",
	})
	done := ran{logs: map[string]string{}}
	for _, name := range r.workflow.order() {
		j := r.workflow.Jobs[name]
		if j.Needs != "" && done.logs[j.Needs] == "" || !e.holds(j.If) {
			continue
		}
		if j.Environment != "" && (r.approve == nil || !r.approve(j.Environment)) {
			continue
		}
		m := &machine{runner: r, job: j, dir: t.TempDir(), home: t.TempDir(), branch: branch, env: e}
		m.do(t)
		for output, value := range j.Outputs {
			e.values["needs."+name+".outputs."+output] = e.text(value)
		}
		done.jobs = append(done.jobs, name)
		done.logs[name] = m.log.String()
		done.summary += m.summary(t)
	}
	for _, secret := range r.secrets {
		require.NotContains(t, done.log()+done.summary, secret)
	}
	return done
}

// machine is where one job runs.
type machine struct {
	runner    *runner
	job       job
	dir, home string
	branch    string
	env       expressions
	terraform bool // a step has set it up
	log       strings.Builder
}

func (m *machine) do(t *testing.T) {
	t.Helper()
	for _, s := range m.job.Steps {
		switch {
		case !m.env.holds(s.If):
			continue
		case s.Uses != "":
			m.use(t, s)
		default:
			m.bash(t, s)
		}
	}
}

// use does what an action of the closed set does that the examples use. Actions are pinned by commit.
func (m *machine) use(t *testing.T, s step) {
	t.Helper()
	action, commit, _ := strings.Cut(s.Uses, "@")
	require.Regexp(t, "^[0-9a-f]{40}$", commit, "%s is pinned", s.Uses)
	artifact := filepath.Join(m.runner.store, s.With["name"])
	switch action {
	case "actions/checkout":
		git(t, m.dir, "clone", "--quiet", "--branch", m.branch, m.runner.remote, ".")
	case "hashicorp/setup-terraform":
		m.terraform = true
		m.keepStateInBucket(t)
	case "actions/upload-artifact":
		copyFile(t, filepath.Join(m.dir, s.With["path"]), artifact)
	case "actions/download-artifact":
		copyFile(t, artifact, filepath.Join(m.dir, s.With["path"], filepath.Base(m.artifactPath(s.With["name"]))))
	default:
		require.Fail(t, "an action that this test cannot run", s.Uses)
	}
}

// artifactPath is the path that the artifact was uploaded from.
func (m *machine) artifactPath(name string) string {
	for _, j := range m.runner.workflow.Jobs {
		for _, s := range j.Steps {
			if strings.HasPrefix(s.Uses, "actions/upload-artifact@") && s.With["name"] == name {
				return s.With["path"]
			}
		}
	}
	return ""
}

// keepStateInBucket puts a folder in the place of the remote backend, which is the one thing that the examples need and
// this test has not.
func (m *machine) keepStateInBucket(t *testing.T) {
	t.Helper()
	modules, err := filepath.Glob(filepath.Join(m.dir, "*", "main.tf"))
	require.NoError(t, err)
	for _, module := range modules {
		text, err := os.ReadFile(filepath.Clean(module))
		require.NoError(t, err)
		if !strings.Contains(string(text), `backend "s3"`) {
			continue
		}
		override := fmt.Sprintf("terraform {\n  backend \"local\" {\n    path = %q\n  }\n}\n", filepath.Join(m.runner.bucket, "terraform.tfstate"))
		require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(module), "backend_override.tf"), []byte(override), 0o600))
	}
}

// bash runs a step as GitHub does where no shell is named.
func (m *machine) bash(t *testing.T, s step) {
	t.Helper()
	script := filepath.Join(m.home, "step.sh")
	require.NoError(t, os.WriteFile(script, []byte(m.env.text(s.Run)), 0o600))
	path := m.runner.tools + ":/usr/local/bin:/usr/bin:/bin"
	if m.terraform {
		path = filepath.Dir(m.linkTerraform(t)) + ":" + path
	}
	output := filepath.Join(m.home, "output")
	cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-e", script) //nolint:gosec // the example under test
	cmd.Dir = m.dir
	cmd.Env = append([]string{
		"PATH=" + path, "HOME=" + m.home, "TF_CLI_CONFIG_FILE=" + m.runner.config, "CHECKPOINT_DISABLE=1",
		"GITHUB_OUTPUT=" + output, "GITHUB_STEP_SUMMARY=" + filepath.Join(m.home, "summary"),
	}, m.env.environment(m.runner.workflow.Env, s.Env)...)
	cmd.Stdout, cmd.Stderr = &m.log, &m.log
	require.NoError(t, cmd.Run(), m.log.String())
	m.keepOutputs(t, s, output)
}

// linkTerraform gives the binary the name that the examples call it by.
func (m *machine) linkTerraform(t *testing.T) string {
	t.Helper()
	link := filepath.Join(m.home, "terraform")
	if _, err := os.Lstat(link); err != nil {
		require.NoError(t, os.Symlink(acctest.Terraform(), link))
	}
	return link
}

func (m *machine) keepOutputs(t *testing.T, s step, path string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(path))
	if os.IsNotExist(err) {
		return
	}
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		require.True(t, ok, line)
		m.env.values["steps."+s.ID+".outputs."+name] = value
	}
}

func (m *machine) summary(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.home, "summary"))
	if os.IsNotExist(err) {
		return ""
	}
	require.NoError(t, err)
	return string(text)
}

// git runs a git command with settings of its own.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...) //nolint:gosec // the test's own arguments
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Dana", "GIT_AUTHOR_EMAIL=dana@example.com", "GIT_COMMITTER_NAME=Dana", "GIT_COMMITTER_EMAIL=dana@example.com")
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "git %v: %s", args, output)
	return string(output)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	source, err := os.Open(filepath.Clean(from))
	require.NoError(t, err)
	defer func() { _ = source.Close() }()
	target, err := os.Create(filepath.Clean(to))
	require.NoError(t, err)
	_, err = io.Copy(target, source)
	require.NoError(t, err)
	require.NoError(t, target.Close())
}
