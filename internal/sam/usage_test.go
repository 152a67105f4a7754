package sam_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// usageToday is the day of the property test; only its date may matter.
var usageToday = time.Date(2026, time.November, 24, 15, 30, 0, 0, time.UTC)

// row is a record to put into the database as it stands: some of its columns are the instance's own to write.
type row map[string]any

func insertInto(t require.TestingT, db *sql.Tx, table string, r row) {
	var columns, marks []string
	var args []any
	for column, value := range r {
		columns, marks, args = append(columns, `"`+column+`"`), append(marks, "?"), append(args, value)
	}
	_, err := db.Exec(fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ", "), strings.Join(marks, ", ")), args...)
	require.NoError(t, err)
}

func usageID(kind, n int) string { return fmt.Sprintf("%02x%030x", kind, n) }

// usageWorld is an inventory that a test invents, in plain Go.
type usageWorld struct {
	subscriptions []usageSubscription
	candidates    []usageCandidate
	thresholds    map[string]int // by product
	centers       map[string]string
	departments   map[string]string // by user
}

type usageSubscription struct {
	product, user, profile                           string
	lastActivity, externalCreated, created, restored int // days ago; -1 where empty
	active, unlicensed, reconciled, excluded         bool
}

type usageCandidate struct {
	product, user, state, closedAt, restoredOn string
	open                                       bool
	cents                                      int
}

// Profiles by what their activity tells.
var (
	listed = usageID(8, 0) // it comes with the list
	untold = usageID(8, 1) // nothing
	blind  = usageID(8, 2) // of those who were never seen it tells nothing
	seen   = usageID(8, 3) // everything
)

func insertProfiles(t require.TestingT, db *sql.DB) {
	tx, err := db.Begin()
	require.NoError(t, err)
	insertInto(t, tx, dictionary.TableProfile, row{"sys_id": listed, "display_name": listed, "profile_type": dictionary.TypeTrello})
	for _, profile := range []string{untold, blind, seen} {
		insertInto(t, tx, dictionary.TableProfile, row{
			"sys_id": profile, "display_name": profile, "profile_type": dictionary.TypeAsana, "download_activity": 1,
		})
		insertInto(t, tx, "snsam_activity", row{"profile": profile, "source": "s", "complete": profile != untold, "blind_spot": profile == blind})
	}
	require.NoError(t, tx.Commit())
}

func drawUsage(t *rapid.T) usageWorld {
	w := usageWorld{thresholds: map[string]int{}, centers: map[string]string{"": ""}, departments: map[string]string{"": ""}}
	products := []string{"", usageID(1, 0), usageID(1, 1), usageID(1, 2)}
	for _, product := range products[1:] {
		if days := rapid.SampledFrom([]int{0, 30, 60}).Draw(t, "threshold"); days > 0 {
			w.thresholds[product] = days
		}
	}
	users := []string{""}
	for i := range 5 {
		user := usageID(2, i)
		users = append(users, user)
		w.centers[user] = rapid.SampledFrom([]string{"", usageID(3, 0), usageID(3, 1)}).Draw(t, "cost centre")
		w.departments[user] = rapid.SampledFrom([]string{"", usageID(4, 0)}).Draw(t, "department")
	}
	daysAgo := rapid.SampledFrom([]int{-1, 0, 29, 30, 31, 59, 60, 61, 90, 91, 120, 121, 400})
	profiles := []string{"", listed, untold, blind, seen}
	for range rapid.IntRange(0, 25).Draw(t, "subscriptions") {
		w.subscriptions = append(w.subscriptions, usageSubscription{
			profile: rapid.SampledFrom(profiles).Draw(t, "profile"),
			product: rapid.SampledFrom(products).Draw(t, "product"), user: rapid.SampledFrom(users).Draw(t, "user"),
			lastActivity: daysAgo.Draw(t, "last activity"), externalCreated: daysAgo.Draw(t, "external created"),
			created: rapid.SampledFrom([]int{0, 200}).Draw(t, "created"), restored: rapid.SampledFrom([]int{-1, -1, 5, 100}).Draw(t, "restored"),
			active: rapid.IntRange(0, 3).Draw(t, "active") > 0, unlicensed: rapid.Bool().Draw(t, "unlicensed"), reconciled: rapid.Bool().Draw(t, "reconciled"),
			excluded: rapid.IntRange(0, 3).Draw(t, "excluded") == 0,
		})
	}
	for range rapid.IntRange(0, 15).Draw(t, "candidates") {
		c := usageCandidate{
			product: rapid.SampledFrom(products).Draw(t, "product"), user: rapid.SampledFrom(users).Draw(t, "user"),
			state:    rapid.SampledFrom([]string{dictionary.StateReady, dictionary.StateClosedComplete, dictionary.StateClosedSkipped}).Draw(t, "state"),
			closedAt: rapid.SampledFrom([]string{"2025-12-31 23:59:59", "2026-01-01 00:00:00", "2026-11-24 12:00:00"}).Draw(t, "closed"),
			cents:    rapid.IntRange(0, 100_000).Draw(t, "cents"),
		}
		if c.open = c.state == dictionary.StateReady; c.open {
			c.closedAt = ""
		} else if rapid.IntRange(0, 3).Draw(t, "restored") == 0 {
			c.restoredOn = "2026-11-24 13:00:00"
		}
		w.candidates = append(w.candidates, c)
	}
	return w
}

func day(daysAgo int) string {
	if daysAgo < 0 {
		return ""
	}
	return usageToday.AddDate(0, 0, -daysAgo).Format(time.DateOnly)
}

func moment(daysAgo int) string {
	if daysAgo < 0 {
		return ""
	}
	return day(daysAgo) + " 08:00:00"
}

func (w usageWorld) store(t require.TestingT, database *sql.DB) {
	db, err := database.Begin()
	require.NoError(t, err)
	for _, table := range []string{
		dictionary.TableSubscription, dictionary.TableCandidate, dictionary.TableUser, dictionary.TableReclamationRule, dictionary.TableRuleProduct,
	} {
		_, err := db.Exec("DELETE FROM " + table)
		require.NoError(t, err)
	}
	for user, center := range w.centers {
		insertInto(t, db, dictionary.TableUser, row{"sys_id": user, "cost_center": center, "department": w.departments[user]})
	}
	for product, days := range w.thresholds {
		rule := "5" + product[1:]
		insertInto(t, db, dictionary.TableReclamationRule, row{
			"sys_id": rule, "active": 1, "applies_to": dictionary.AppliesToSubscription, "last_activity_threshold": days,
		})
		insertInto(t, db, dictionary.TableRuleProduct, row{"sys_id": rule, "reclamation_rule": rule, "software_product": product})
	}
	for i, s := range w.subscriptions {
		insertInto(t, db, dictionary.TableSubscription, row{
			"sys_id": usageID(6, i), "subscription_profile": s.profile, "external_user_id": fmt.Sprint(i), "product": s.product, "user": s.user, "active": s.active,
			"last_activity": day(s.lastActivity), "external_created": moment(s.externalCreated), "sys_created_on": moment(s.created),
			"restored_on": moment(s.restored), "unlicensed_subscription": s.unlicensed, "is_reconciled": s.reconciled, "excluded_from_metering": s.excluded,
		})
	}
	for i, c := range w.candidates {
		insertInto(t, db, dictionary.TableCandidate, row{
			"sys_id": usageID(7, i), "number": fmt.Sprintf("RCC%07d", i), "product": c.product, "user": c.user, "state": c.state, "active": c.open,
			"closed_at": c.closedAt, "restored_on": c.restoredOn, "applies_to": dictionary.AppliesToSubscription,
			"potential_savings": fmt.Sprintf("%d.%02d", c.cents/100, c.cents%100),
		})
	}
	require.NoError(t, db.Commit())
}

// expected counts what belongs to a part, one record after the other.
func (w usageWorld) expected(t require.TestingT, belongs func(product, user string) bool) sam.UsageFigures {
	var f sam.UsageFigures
	for _, s := range w.subscriptions {
		if !s.active || !belongs(s.product, s.user) {
			continue
		}
		if s.excluded {
			f.Excluded++
			continue
		}
		f.Assigned++
		switch days := s.lastActivity; {
		case days < 0:
			f.Activity.Never++
		case days <= 30:
			f.Activity.Days0To30++
		case days <= 60:
			f.Activity.Days31To60++
		case days <= 90:
			f.Activity.Days61To90++
		case days <= 120:
			f.Activity.Days91To120++
		default:
			f.Activity.Over120++
		}
		if s.unlicensed {
			f.Unlicensed++
		}
		if !s.reconciled {
			f.Unreconciled++
		}
		if s.user == "" {
			f.WithoutUser++
		}
		days, judged := w.thresholds[s.product]
		if !judged {
			continue
		}
		f.Judged++
		signs := []int{s.lastActivity, s.externalCreated, s.restored}
		if s.lastActivity < 0 && s.externalCreated < 0 {
			signs = append(signs, s.created)
		}
		if s.profile == untold || s.profile == blind && s.lastActivity < 0 {
			continue
		}
		if !slices.ContainsFunc(signs, func(sign int) bool { return sign >= 0 && sign <= days }) {
			f.Stale++
		}
	}
	for _, c := range w.candidates {
		amount, err := sam.ParseAmount(fmt.Sprintf("%d.%02d", c.cents/100, c.cents%100))
		require.NoError(t, err)
		switch {
		case !belongs(c.product, c.user):
		case c.open:
			f.PotentialSavings = f.PotentialSavings.Add(amount)
		case c.state == dictionary.StateClosedComplete && c.closedAt >= "2026" && c.restoredOn == "":
			f.ActualSavings = f.ActualSavings.Add(amount)
		}
	}
	return f
}

func TestLicenseUsageCountsWhatIsThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sam.db")
	w := newWorld(t, worldOptions{members: 1, path: path})
	w.connect(t) // makes the database
	db, err := sql.Open("sqlite", "file:"+path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	insertProfiles(t, db)
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		invented := drawUsage(t)
		invented.store(t, db)
		u, err := w.sam.Subscriptions.LicenseUsage(ctx, usageToday)
		require.NoError(t, err)
		same := func(want, got sam.UsageFigures) {
			require.Equal(t, want.PotentialSavings.String(), got.PotentialSavings.String())
			require.Equal(t, want.ActualSavings.String(), got.ActualSavings.String())
			want.PotentialSavings, want.ActualSavings, got.PotentialSavings, got.ActualSavings = sam.Amount{}, sam.Amount{}, sam.Amount{}, sam.Amount{}
			require.Equal(t, want, got)
		}
		same(invented.expected(t, func(string, string) bool { return true }), u.Total.UsageFigures)
		for _, p := range u.Products {
			same(invented.expected(t, func(product, _ string) bool { return product == p.SysID }), p.UsageFigures)
			for _, c := range p.CostCenters {
				same(invented.expected(t, func(product, user string) bool {
					return product == p.SysID && invented.centers[user] == c.SysID
				}), c.UsageFigures)
			}
		}
		for _, c := range u.CostCenters {
			same(invented.expected(t, func(_, user string) bool { return invented.centers[user] == c.SysID }), c.UsageFigures)
		}
		for _, d := range u.Departments {
			same(invented.expected(t, func(_, user string) bool { return invented.departments[user] == d.SysID }), d.UsageFigures)
		}
		requireSums(t, u)
	})
}

// requireSums checks that the parts of every figure add up to it.
func requireSums(t require.TestingT, u sam.LicenseUsage) {
	sum := func(groups []sam.GroupUsage) (assigned, stale, never int, potential, actual sam.Amount) {
		for _, g := range groups {
			assigned, stale, never = assigned+g.Assigned, stale+g.Stale, never+g.Activity.Never
			potential, actual = potential.Add(g.PotentialSavings), actual.Add(g.ActualSavings)
		}
		return
	}
	agree := func(whole sam.UsageFigures, groups []sam.GroupUsage) {
		assigned, stale, never, potential, actual := sum(groups)
		require.Equal(t, []int{whole.Assigned, whole.Stale, whole.Activity.Never}, []int{assigned, stale, never})
		require.True(t, whole.PotentialSavings.Equal(potential))
		require.True(t, whole.ActualSavings.Equal(actual))
	}
	var products []sam.GroupUsage
	for _, p := range u.Products {
		agree(p.UsageFigures, p.CostCenters)
		products = append(products, sam.GroupUsage{UsageFigures: p.UsageFigures})
	}
	agree(u.Total.UsageFigures, products)
	agree(u.Total.UsageFigures, u.CostCenters)
	agree(u.Total.UsageFigures, u.Departments)
}

func TestAmount(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "0", "12.50": "12.5", "USD;12.50": "12.5", "-3": "-3", "0.00": "0", "13680.00": "13680"} {
		amount, err := sam.ParseAmount(text)
		require.NoError(t, err)
		require.Equal(t, want, amount.String())
	}
	for _, text := range []string{"$12.50", "1e3", "1,000", "usd;1", "twelve", "1/3"} {
		_, err := sam.ParseAmount(text)
		require.ErrorContains(t, err, text)
	}
	tenth, err := sam.ParseAmount("0.1")
	require.NoError(t, err)
	fifth, err := sam.ParseAmount("0.2")
	require.NoError(t, err)
	require.Equal(t, "0.3", tenth.Add(fifth).String())
	require.Equal(t, "0.7", tenth.Times(7).String())
}

// counted counts what is asked of the instance.
type counted struct {
	next     http.RoundTripper
	requests atomic.Int64
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return c.next.RoundTrip(r)
}

// The position takes as many requests for many products, people and cost centres as for few.
func TestLicenseUsageTakesAFixedNumberOfRequests(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sam.db")
	w := newWorld(t, worldOptions{members: 1, path: path})
	w.connect(t)
	transport := &counted{next: w.instance.Transport()}
	rest, err := servicenow.New(servicenow.Config{BaseURL: "https://embedded.example.com", Transport: transport})
	require.NoError(t, err)
	var requests []int64
	for _, subscriptions := range []int{10, 3000} {
		insertInventory(t, path, subscriptions)
		transport.requests.Store(0)
		u, err := sam.New(rest).Subscriptions.LicenseUsage(t.Context(), usageToday)
		require.NoError(t, err)
		require.Equal(t, subscriptions, u.Total.Assigned)
		require.Equal(t, subscriptions, u.Total.Judged)
		requests = append(requests, transport.requests.Load())
	}
	require.Equal(t, requests[0], requests[1])
	require.LessOrEqual(t, requests[0], int64(22))
}

// insertInventory replaces the subscriptions by so many, of 20 products and 100 cost centres.
func insertInventory(t testing.TB, path string, subscriptions int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for _, statement := range []string{
		`DELETE FROM samp_sw_subscription`, `DELETE FROM sys_user`, `DELETE FROM samp_sw_reclamation_rule_product`,
		`DELETE FROM samp_sw_reclamation_rule`,
		`INSERT INTO samp_sw_reclamation_rule (sys_id, applies_to, last_activity_threshold, active) VALUES ('rule', 'Subscription Software', 60, 1)`,
		`INSERT INTO sys_user (sys_id, cost_center, department)
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
			SELECT printf('%032x', i), printf('%032x', i % 100), printf('%032x', i % 30) FROM n`,
		`INSERT INTO samp_sw_subscription (sys_id, external_user_id, subscription_profile, product, user, active, last_activity, external_created)
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
			SELECT printf('%032x', i), i, 'p', printf('%032x', i % 20), printf('%032x', i), 1, date('2026-11-24', '-' || (i % 200) || ' days'), '' FROM n`,
		`INSERT INTO samp_sw_reclamation_rule_product (sys_id, reclamation_rule, software_product)
			WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19)
			SELECT printf('%032x', i), 'rule', printf('%032x', i) FROM n`,
	} {
		var args []any
		if strings.Contains(statement, "?1") {
			args = append(args, subscriptions)
		}
		_, err := db.Exec(statement, args...)
		require.NoError(t, err)
	}
}

func BenchmarkLicenseUsage(b *testing.B) {
	path := filepath.Join(b.TempDir(), "sam.db")
	w := newWorld(b, worldOptions{members: 1, path: path})
	w.connect(b)
	const subscriptions = 100_000
	insertInventory(b, path, subscriptions)
	for b.Loop() {
		u, err := w.sam.Subscriptions.LicenseUsage(b.Context(), usageToday)
		require.NoError(b, err)
		require.Equal(b, subscriptions, u.Total.Assigned)
	}
}
