package reclaimbypullrequest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// workflow is what the examples use of GitHub's workflow syntax. Anything else in a file fails the test: it would not be
// run here, and nobody would know whether it works.
type workflow struct {
	Name        string            `yaml:"name"`
	On          map[string]any    `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"`
	Concurrency concurrency       `yaml:"concurrency"`
	Env         map[string]string `yaml:"env"`
	Jobs        map[string]job    `yaml:"jobs"`
}

type concurrency struct {
	Group            string `yaml:"group"`
	CancelInProgress bool   `yaml:"cancel-in-progress"`
}

type job struct {
	Concurrency concurrency       `yaml:"concurrency"`
	If          string            `yaml:"if"`
	Needs       string            `yaml:"needs"`
	RunsOn      string            `yaml:"runs-on"`
	Environment string            `yaml:"environment"`
	Permissions map[string]string `yaml:"permissions"`
	Outputs     map[string]string `yaml:"outputs"`
	Steps       []step            `yaml:"steps"`
}

type step struct {
	Name string            `yaml:"name"`
	ID   string            `yaml:"id"`
	If   string            `yaml:"if"`
	Uses string            `yaml:"uses"`
	With map[string]string `yaml:"with"`
	Env  map[string]string `yaml:"env"`
	Run  string            `yaml:"run"`
}

func readWorkflow(t *testing.T, path string) workflow {
	t.Helper()
	file, err := os.Open(filepath.Clean(path))
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	var w workflow
	require.NoError(t, decoder.Decode(&w))
	return w
}

// order lists the jobs so that each comes after the one that it needs.
func (w workflow) order() []string {
	var names []string
	for name := range w.Jobs {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		switch {
		case w.Jobs[a].Needs == b:
			return 1
		case w.Jobs[b].Needs == a:
			return -1
		}
		return strings.Compare(a, b)
	})
	return names
}

// expressions evaluates GitHub's expressions as far as the examples use them: values by path, texts, ==, != and ||. A path
// that the context does not have fails the test.
type expressions struct {
	t      *testing.T
	values map[string]string
}

var placeholder = regexp.MustCompile(`\$\{\{(.*?)\}\}`)

func (e expressions) text(template string) string {
	return placeholder.ReplaceAllStringFunc(template, func(match string) string {
		return e.value(placeholder.FindStringSubmatch(match)[1])
	})
}

func (e expressions) holds(condition string) bool {
	if condition == "" {
		return true
	}
	for alternative := range strings.SplitSeq(condition, "||") {
		if e.comparison(alternative) {
			return true
		}
	}
	return false
}

func (e expressions) comparison(text string) bool {
	if left, right, ok := strings.Cut(text, "!="); ok {
		return e.value(left) != e.value(right)
	}
	left, right, ok := strings.Cut(text, "==")
	require.True(e.t, ok, "condition %q", text)
	return e.value(left) == e.value(right)
}

func (e expressions) value(text string) string {
	text = strings.TrimSpace(text)
	if literal, ok := strings.CutPrefix(text, "'"); ok {
		return strings.TrimSuffix(literal, "'")
	}
	value, known := e.values[text]
	require.True(e.t, known, "the expression %q means nothing in this run", text)
	return value
}

func (e expressions) environment(settings ...map[string]string) []string {
	var env []string
	for _, s := range settings {
		for name, value := range s {
			env = append(env, fmt.Sprintf("%s=%s", name, e.text(value)))
		}
	}
	return env
}
