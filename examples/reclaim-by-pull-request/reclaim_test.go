// Package reclaimbypullrequest_test runs the example's workflow files step by step, against an instance on a port and an
// invented Trello.
package reclaimbypullrequest_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

func TestMain(m *testing.M) { acctest.Main(m) }

// company is an instance with a published profile, and the candidates that its refresh found.
type company struct {
	*acctest.World
	profile    string
	candidates []candidate
	holders    []string          // of a licence, at the beginning
	values     map[string]string // of the repository's settings
}

// candidate is a removal candidate, and who at the vendor is behind it.
type candidate struct{ id, number, subscription, member string }

func newCompany(t *testing.T) *company {
	t.Helper()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync())
	root.MustApply(t)
	c := &company{World: w, profile: root.Attributes(t, "servicenowsam_integration_profile.trello")["id"].(string)}
	for _, row := range w.Find(t, "samp_sw_reclamation_candidate", "state=11^ORDERBYnumber") {
		c.candidates = append(c.candidates, candidate{
			id: row["sys_id"], number: row["number"], subscription: row["user_subscription"], member: c.member(t, row["user_subscription"]),
		})
	}
	require.Greater(t, len(c.candidates), 4)
	c.holders = c.licensed()
	c.values = map[string]string{
		"vars.SERVICENOW_INSTANCE": w.Remote(t, nil), "vars.SERVICENOW_USERNAME": acctest.RemoteUser, "vars.PROFILE_ID": c.profile,
		"secrets.SERVICENOW_PASSWORD": acctest.RemotePassword,
	}
	return c
}

func (c *company) member(t *testing.T, subscription string) string {
	t.Helper()
	return c.Get(t, "samp_sw_subscription", subscription)["external_user_id"]
}

// requireLost checks that exactly these people have no licence any more.
func (c *company) requireLost(t *testing.T, members ...string) {
	t.Helper()
	held := c.licensed()
	lost := slices.DeleteFunc(slices.Clone(c.holders), func(id string) bool { return slices.Contains(held, id) })
	require.ElementsMatch(t, members, lost)
}

// licensed are the people who hold a licence, as the vendor says.
func (c *company) licensed() []string {
	var ids []string
	for _, m := range c.Double.Members(0, func(m trello.Member) bool { return m.Licensed }) {
		ids = append(ids, m.ID)
	}
	return ids
}

// requireNamed checks that a text says who is behind each candidate.
func (c *company) requireNamed(t *testing.T, text string) {
	t.Helper()
	for _, candidate := range c.candidates {
		person, found := c.Double.Find(candidate.member)
		require.True(t, found)
		name := person.FullName
		if person.Email == "" { // the vendor hides both
			name = person.ID
		}
		require.Regexp(t, candidate.number+" .*"+regexp.QuoteMeta(name), text)
	}
}

// requireUnnamed checks that a text has nobody's name or mail address.
func (c *company) requireUnnamed(t *testing.T, text string) {
	t.Helper()
	for _, m := range c.Double.Members(0, func(trello.Member) bool { return true }) {
		require.NotContains(t, text, m.FullName)
		if m.Email != "" {
			require.NotContains(t, text, m.Email)
		}
	}
}

func members(candidates []candidate) []string {
	var ids []string
	for _, c := range candidates {
		ids = append(ids, c.member)
	}
	return ids
}

func TestAccWorkflow_approvedFile(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	r := newRunner(t, "approved-file", c.values)
	pulls := gitHub(t, r.tools)

	require.Equal(t, []string{"propose"}, r.run(t, "workflow_dispatch", "main", "dana").jobs)
	require.Contains(t, pulls(), "pr create --base main --head reclaim/1001")
	require.Contains(t, pulls(), "| "+c.candidates[0].number+" |", "the table is in the pull request")
	c.requireUnnamed(t, pulls())
	clone := t.TempDir()
	git(t, clone, "clone", "--quiet", "--branch", "reclaim/1001", r.remote, ".")
	list := filepath.Join(clone, "reclaim", "approved.csv")
	require.ElementsMatch(t, numbers(c.candidates), numbersIn(t, list))
	c.requireUnnamed(t, read(t, list))

	review := r.run(t, "pull_request", "reclaim/1001", "dana")
	require.Equal(t, []string{"review"}, review.jobs)
	require.Contains(t, review.log(), "Review: this plan reclaims")
	c.requireNamed(t, review.log())
	c.requireLost(t)

	// A reviewer keeps one person and gets a number wrong, and another person comes back before the merge.
	spared, back, approved := c.candidates[0], c.candidates[1], c.candidates[2:]
	edited := strings.ReplaceAll(read(t, list), spared.number+",", "RCC9999999,")
	require.NoError(t, os.WriteFile(list, []byte(edited), 0o600))
	git(t, clone, "commit", "--quiet", "--all", "--message", "Keep one licence")
	git(t, clone, "push", "--quiet", "origin", "HEAD:main")
	c.Double.Login(back.member)

	require.Empty(t, r.run(t, "push", "main", "robin").jobs, "nobody has approved the environment")
	c.requireLost(t)
	r.approve = func(environment string) bool { return environment == "licence-reclamation" }
	merged := r.run(t, "push", "main", "robin")
	require.Equal(t, []string{"reclaim"}, merged.jobs)
	require.Contains(t, merged.log(), "RCC9999999", "a number that names nobody is told of")
	c.requireLost(t, members(approved)...)
	notes := c.Get(t, "samp_sw_reclamation_candidate", approved[0].id)["work_notes"]
	require.Contains(t, notes, "approved by: robin")
	require.Contains(t, notes, "https://github.example/example/licences/actions/runs/1004")

	again := r.run(t, "push", "main", "robin")
	require.Contains(t, again.log(), "Apply complete! Resources: 0 added, 0 changed, 0 destroyed.")
	c.requireLost(t, members(approved)...)
}

func TestAccWorkflow_savedPlan(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	r := newRunner(t, "saved-plan", c.values)

	rejected := r.run(t, "workflow_dispatch", "main", "dana")
	require.Equal(t, []string{"plan"}, rejected.jobs)
	c.requireNamed(t, rejected.log())
	require.Contains(t, rejected.summary, c.candidates[0].number)
	c.requireUnnamed(t, rejected.summary)
	c.requireLost(t)

	// While people review, one person comes back, and somebody else becomes a candidate.
	back, planned := c.candidates[0], c.candidates[1:]
	var late candidate
	r.approve = func(environment string) bool {
		c.requireLost(t)
		c.Double.Login(back.member)
		late = c.newCandidate(t)
		return environment == "licence-reclamation"
	}
	approved := r.run(t, "workflow_dispatch", "main", "dana")
	require.Equal(t, []string{"plan", "apply"}, approved.jobs)
	c.requireLost(t, members(planned)...)
	notes := c.Get(t, "samp_sw_reclamation_candidate", planned[0].id)["work_notes"]
	require.Contains(t, notes, "approved by: the reviewers of this run")
	require.Contains(t, notes, "actions/runs/1002")

	// The next plan names who came too late for that one.
	r.approve = func(string) bool { return true }
	next := r.run(t, "schedule", "main", "dana")
	require.Contains(t, next.summary, late.number)
	c.requireLost(t, append(members(planned), late.member)...)

	require.Equal(t, []string{"plan"}, r.run(t, "schedule", "main", "dana").jobs, "nothing to approve")
	require.Empty(t, r.run(t, "workflow_dispatch", "another", "dana").jobs, "another branch may hold another policy")
}

// newCandidate makes a candidate by hand of somebody who has none.
func (c *company) newCandidate(t *testing.T) candidate {
	t.Helper()
	taken := map[string]bool{}
	for _, old := range c.candidates {
		taken[old.subscription] = true
	}
	for _, s := range c.Find(t, "samp_sw_subscription", "ORDERBYsys_id") {
		person, found := c.Double.Find(s["external_user_id"])
		if taken[s["sys_id"]] || !found || person.Admin {
			continue
		}
		id := c.Insert(t, "samp_sw_reclamation_candidate", map[string]string{"user_subscription": s["sys_id"], "applies_to": "Subscription Software"})
		return candidate{id: id, number: c.Get(t, "samp_sw_reclamation_candidate", id)["number"], member: person.ID}
	}
	require.Fail(t, "everybody is a candidate")
	return candidate{}
}

// gitHub puts a command gh on the machines that writes down what it is told; the result reads that.
func gitHub(t *testing.T, tools string) func() string {
	t.Helper()
	record := filepath.Join(tools, "pulls")
	script := "#!/bin/sh -e\ntest -n \"$GH_TOKEN\"\necho \"$@\" >> " + record + "\ncat proposal.md >> " + record + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(tools, "gh"), []byte(script), 0o700)) //nolint:gosec // a command
	return func() string { return read(t, record) }
}

func numbers(candidates []candidate) []string {
	var list []string
	for _, c := range candidates {
		list = append(list, c.number)
	}
	return list
}

func numbersIn(t *testing.T, path string) []string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(read(t, path))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"number", "user_mark", "product", "justification", "inactive_days", "leaver", "potential_savings"}, rows[0])
	var list []string
	for _, row := range rows[1:] {
		list = append(list, row[0])
	}
	return list
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(path))
	require.NoError(t, err)
	return string(text)
}
