package licensereclamation_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// Each check makes a world of its own, so that the usual hundred would take minutes; -rapid.checks on the command line wins.
func init() {
	for name, value := range map[string]string{"rapid.checks": "20", "rapid.shrinktime": "10s", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
}

// between is a world between a plan and its apply.
type between struct {
	t       *testing.T
	rt      *rapid.T
	w       *acctest.World
	profile string // sys_id

	named     map[string]string // vendor's ids of the people whom the plan names, by candidate number
	back      map[string]bool   // vendor's ids of people who logged in
	protected map[string]bool   // vendor's ids of people whom the policy of the apply protects
	policy    acctest.Values    // of the provider that applies
	threshold int               // of the rule, in days
	off       bool              // something was changed after which nobody may lose a licence
	maximum   int               // licences that the policy of the apply lets go today; -1 means any
}

// Between plan and apply anything may change; the apply never reclaims a licence that its plan did not name, and none of
// somebody who is active or protected.
func TestBetweenPlanAndApplyAnythingMayChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b := &between{
			t: t, rt: rt, w: acctest.NewWorld(t, acctest.Options{Members: 24, Seed: rapid.Int64Range(1, 1000).Draw(rt, "enterprise")}),
			named: map[string]string{}, back: map[string]bool{}, protected: map[string]bool{}, policy: acctest.Values{}, threshold: 60, maximum: -1,
		}
		resource, p := b.setUp()
		require.Empty(rt, acctest.Errors(p.Refresh(t, resource)))
		plan := p.Plan(t, resource)
		require.Empty(rt, acctest.Errors(plan.Diagnostics))
		removals := map[string]tftypes.Value{}
		require.NoError(rt, p.Planned(t, plan)["removals"].As(&removals))
		for number := range removals {
			b.named[number] = b.subscription(number)[dictionary.SubscriptionExternalUserID]
		}
		for range rapid.IntRange(0, 6).Draw(rt, "changes") {
			b.change()
		}
		before, asked := b.licensed(), len(b.w.Double.Requests().Writes)
		apply := b.w.Protocol(t, acctest.Values{"reclamation_policy": b.policy})
		said := apply.Apply(t, resource, plan)
		after := b.licensed()
		writes := b.w.Double.Requests().Writes[asked:]
		for _, write := range writes {
			b.judge(write.Member)
		}
		lost := slices.DeleteFunc(before, func(id string) bool { return slices.Contains(after, id) })
		require.LessOrEqual(rt, len(lost), len(writes), "a licence went without a request")
		require.True(rt, !b.off || len(writes) == 0, "nobody may lose a licence")
		require.True(rt, b.maximum < 0 || len(writes) <= b.maximum, "%d of at most %d", len(writes), b.maximum)
		if acctest.Errors(said) == "" {
			b.compare(apply.State(t, resource)["outcomes"], after)
		}
	})
}

// setUp makes a profile that is synced, and a reclamation whose next refresh pins the candidates.
func (b *between) setUp() (*acctest.Managed, *acctest.Protocol) {
	p := b.w.Protocol(b.t, nil)
	alias := p.Create(b.t, "servicenowsam_connection_alias", acctest.Values{
		"adopt": "sn_trello_spoke.Trello_Alias", "connection_url": b.w.Double.URL, "api_key": acctest.Values{
			"key_wo": b.w.Double.Key(), "key_wo_version": 1, "token_wo": b.w.Double.Token(), "token_wo_version": 1,
		},
	})
	profile := p.Create(b.t, "servicenowsam_integration_profile", acctest.Values{
		"display_name": "Trello", "profile_type": "trello_enterprise_subscription",
		"connection_alias_id": acctest.Text(b.t, p.State(b.t, alias)["id"]),
	})
	b.profile = acctest.Text(b.t, p.State(b.t, profile)["id"])
	p.Create(b.t, "servicenowsam_subscription_sync", acctest.Values{"profile_id": b.profile})
	return p.Create(b.t, reclaimAction, acctest.Values{"profile_id": b.profile, "max_removals": 100}), p
}

// judge holds a person of whom the apply asked the licence back against what must be.
func (b *between) judge(id string) {
	require.True(b.rt, slices.Contains(slices.Collect(maps.Values(b.named)), id), "the plan did not name %s", id)
	require.False(b.rt, b.back[id], "%s was active again", id)
	require.False(b.rt, b.protected[id], "%s was protected", id)
	m, _ := b.w.Double.Find(id)
	if m.LastSeen != nil {
		days := int(time.Since(*m.LastSeen).Hours()/24) + 1 // a day that began counts
		require.GreaterOrEqual(b.rt, days, b.threshold, "%s was not idle for long enough", id)
	}
}

// compare holds the outcomes in the state against the vendor.
func (b *between) compare(outcomes tftypes.Value, licensed []string) {
	of := map[string]tftypes.Value{}
	require.NoError(b.rt, outcomes.As(&of))
	require.Len(b.rt, of, len(b.named), "everybody whom the plan named is accounted for")
	for number, value := range of {
		attributes := map[string]tftypes.Value{}
		require.NoError(b.rt, value.As(&attributes))
		if acctest.Text(b.t, attributes["outcome"]) == "done" {
			require.NotContains(b.rt, licensed, b.named[number])
		}
	}
}

func (b *between) licensed() []string {
	var list []string
	for _, m := range b.w.Double.Members(0, func(m trello.Member) bool { return m.Licensed && !m.Deactivated }) {
		list = append(list, m.ID)
	}
	return list
}

// subscription is the one that a candidate stands for.
func (b *between) subscription(number string) map[string]string {
	c := b.w.Find(b.t, dictionary.TableCandidate, "number="+number)[0]
	return b.w.Get(b.t, dictionary.TableSubscription, c[dictionary.CandidateSubscription])
}

// candidate draws an open candidate that stands for a subscription; nil where there is none.
func (b *between) candidate() map[string]string {
	open := b.w.Find(b.t, dictionary.TableCandidate, "active=true^user_subscriptionISNOTEMPTY^ORDERBYnumber")
	if len(open) == 0 {
		return nil
	}
	return open[rapid.IntRange(0, len(open)-1).Draw(b.rt, "candidate")]
}

// anybody draws a person at the vendor, and rather one whom the plan names.
func (b *between) anybody() string {
	named := slices.Sorted(maps.Values(b.named))
	if len(named) > 0 && rapid.IntRange(0, 2).Draw(b.rt, "somebody else") > 0 {
		return named[rapid.IntRange(0, len(named)-1).Draw(b.rt, "person")]
	}
	all := b.w.Double.Members(0, func(m trello.Member) bool { return !m.Deactivated })
	return all[rapid.IntRange(0, len(all)-1).Draw(b.rt, "person")].ID
}

func (b *between) rule() map[string]string {
	rules := b.w.Find(b.t, dictionary.TableReclamationRule, "")
	if len(rules) == 0 {
		return nil
	}
	return rules[0]
}

// change lets something happen.
func (b *between) change() {
	happenings := b.happenings()
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(happenings))).Draw(b.rt, "change")
	happenings[name]()
}

func (b *between) happenings() map[string]func() {
	return map[string]func(){
		"somebody logs in": func() {
			id := b.anybody()
			b.back[id] = b.w.Double.Login(id)
		},
		"the vendor's admin changes a licence": func() {
			b.w.Double.SetLicence(b.anybody(), rapid.Bool().Draw(b.rt, "holds"))
		},
		"somebody leaves the enterprise": func() { b.w.Double.Expel(b.anybody()) },
		"the rule changes": func() {
			if rule := b.rule(); rule != nil {
				b.threshold = rapid.IntRange(30, 400).Draw(b.rt, "threshold")
				b.w.Change(b.t, dictionary.TableReclamationRule, rule["sys_id"], map[string]string{dictionary.RuleThresholdDays: strconv.Itoa(b.threshold)})
			}
		},
		"the rule goes": func() {
			if rule := b.rule(); rule != nil {
				b.w.Delete(b.t, dictionary.TableReclamationRule, rule["sys_id"])
				b.off = true
			}
		},
		"a candidate is closed": func() {
			if c := b.candidate(); c != nil {
				b.w.Change(b.t, dictionary.TableCandidate, c["sys_id"], map[string]string{dictionary.CandidateState: dictionary.StateClosedSkipped})
			}
		},
		"a candidate appears": b.nominate,
		"the directory changes": func() {
			if users := b.w.Find(b.t, dictionary.TableUser, "source=snsam_integration^ORDERBYuser_name"); len(users) > 0 {
				u := users[rapid.IntRange(0, len(users)-1).Draw(b.rt, "user")]
				b.w.Change(b.t, dictionary.TableUser, u["sys_id"], map[string]string{dictionary.UserActive: "false", dictionary.UserEmail: "moved@example.com"})
			}
		},
		"two candidates change places":    func() { b.swap(dictionary.TableCandidate, dictionary.CandidateSubscription) },
		"two subscriptions change people": func() { b.swap(dictionary.TableSubscription, dictionary.SubscriptionExternalUserID) },
		"reclaim is switched off": func() {
			b.w.Change(b.t, dictionary.TableProfile, b.profile, map[string]string{dictionary.ProfileReclaim: "false"})
			b.off = true
		},
		"the profile is refreshed": func() {
			_, _ = b.w.Protocol(b.t, nil).Invoke(b.t, "servicenowsam_subscription_sync", acctest.Values{"profile_id": b.profile})
		},
		"another reclaim runs": func() {
			if c := b.candidate(); c != nil {
				_, _ = b.w.Protocol(b.t, nil).Invoke(b.t, reclaimAction, reclaim(b.profile, 1, c["number"]))
			}
		},
		"a person is protected": func() {
			id := b.anybody()
			list, _ := b.policy["protected_users"].([]any)
			b.policy["protected_users"] = append(list, acctest.Values{"user": id, "reason": "drawn"})
			b.protected[id] = true
		},
		"a group is protected": b.protectGroup,
		"the daily maximum falls": func() {
			n := rapid.IntRange(1, 4).Draw(b.rt, "maximum")
			gone := len(b.w.Find(b.t, dictionary.TableCandidate, "state="+dictionary.StateClosedComplete))
			b.policy["max_removals_per_day"], b.maximum = n, max(0, n-gone)
		},
		"the changes are frozen": func() {
			b.policy["freeze_windows"] = []any{acctest.Values{"reason": "drawn", "from": "2000-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z"}}
			b.off = true
		},
		"another instance is allowed": func() {
			b.policy["allowed_instances"], b.off = []any{"prod.service-now.com"}, true
		},
	}
}

// nominate makes a candidate of somebody who has none, as a person does by hand.
func (b *between) nominate() {
	open := map[string]bool{}
	for _, c := range b.w.Find(b.t, dictionary.TableCandidate, "active=true") {
		open[c[dictionary.CandidateSubscription]] = true
	}
	for _, s := range b.w.Find(b.t, dictionary.TableSubscription, "ORDERBYexternal_user_id") {
		if !open[s["sys_id"]] {
			b.w.Insert(b.t, dictionary.TableCandidate, map[string]string{
				dictionary.CandidateSubscription: s["sys_id"], dictionary.CandidateProfile: s[dictionary.SubscriptionProfile],
				dictionary.CandidateAppliesTo: dictionary.AppliesToSubscription,
			})
			return
		}
	}
}

// protectGroup puts the user of a candidate into a group that the policy protects.
func (b *between) protectGroup() {
	c := b.candidate()
	if c == nil {
		return
	}
	s := b.w.Get(b.t, dictionary.TableSubscription, c[dictionary.CandidateSubscription])
	group := b.w.Insert(b.t, dictionary.TableUserGroup, map[string]string{dictionary.GroupName: "Drawn " + c["number"]})
	if s[dictionary.SubscriptionUser] != "" {
		b.w.Insert(b.t, dictionary.TableGroupMember, map[string]string{
			dictionary.MemberGroup: group, dictionary.MemberUser: s[dictionary.SubscriptionUser],
		})
	}
	list, _ := b.policy["protected_groups"].([]any)
	b.policy["protected_groups"] = append(list, acctest.Values{"group": group, "reason": "drawn"})
	b.protected[s[dictionary.SubscriptionExternalUserID]] = true
}

// swap exchanges a value of two rows behind every rule, as nobody should.
func (b *between) swap(table, column string) {
	one, other := b.candidate(), b.candidate()
	if one == nil || one["sys_id"] == other["sys_id"] {
		return
	}
	id := "sys_id"
	if table == dictionary.TableSubscription {
		id = dictionary.CandidateSubscription
	}
	db, err := store.New(b.w.DatabaseURL(), store.Options{})
	require.NoError(b.t, err)
	first, second := b.w.Get(b.t, table, one[id])[column], b.w.Get(b.t, table, other[id])[column]
	require.NoError(b.t, db.Update(b.t.Context(), func(tx *store.Tx) error {
		for _, step := range [][2]string{{one[id], "neither"}, {other[id], first}, {one[id], second}} {
			if _, err := tx.Exec(b.t.Context(), fmt.Sprintf(`UPDATE %s SET %s = ? WHERE sys_id = ?`, table, column), step[1], step[0]); err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(b.t, db.Close())
}
