// Package ddl writes the SQL that creates the tables of the dictionary.
package ddl

import (
	"fmt"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

//go:generate go run ./generate ../migrations/00001_dictionary.sql

// Migration is the first migration: a table for every concrete table of the dictionary, a view for every base class, and
// the indexes.
func Migration() string {
	var b strings.Builder
	b.WriteString("-- Code generated from the dictionary by go generate ./internal/instance/store/ddl; DO NOT EDIT.\n\n-- +goose Up\n")
	for _, t := range dictionary.Tables() {
		if !t.Abstract {
			createTable(&b, t)
		}
	}
	for _, t := range dictionary.Tables() {
		if t.Abstract {
			createView(&b, t)
		}
	}
	for _, i := range indexes() {
		i.create(&b)
	}
	b.WriteString(fingerprintTrigger())
	return b.String()
}

func createTable(b *strings.Builder, t dictionary.Table) {
	fmt.Fprintf(b, "CREATE TABLE %s (\n", quote(t.Name))
	var columns []string
	for _, c := range dictionary.ColumnsOf(t.Name) {
		columns = append(columns, "    "+quote(c.Name)+" "+columnType(c))
	}
	if t.Name == dictionary.TableSubscription {
		columns = append(columns, "    "+fingerprint+" INTEGER")
	}
	b.WriteString(strings.Join(columns, ",\n") + "\n);\n")
	index{table: t.Name, name: t.Name + "_sys_id", unique: true, columns: []string{dictionary.SysID}}.create(b)
}

func columnType(c dictionary.Column) string {
	switch c.Type {
	case dictionary.Boolean:
		if c.Default == "true" {
			return "INTEGER NOT NULL DEFAULT 1"
		}
		return "INTEGER NOT NULL DEFAULT 0"
	case dictionary.Integer:
		if c.Default != "" {
			return "INTEGER DEFAULT " + c.Default
		}
		return "INTEGER"
	default:
		return "TEXT NOT NULL DEFAULT '" + strings.ReplaceAll(c.Default, "'", "''") + "'"
	}
}

// createView makes a base class readable: its columns over all classes that extend it.
func createView(b *strings.Builder, base dictionary.Table) {
	var names []string
	for _, c := range dictionary.ColumnsOf(base.Name) {
		names = append(names, quote(c.Name))
	}
	list := strings.Join(names, ", ")
	var selects []string
	for _, t := range dictionary.Tables() {
		if !t.Abstract && extends(t, base.Name) {
			selects = append(selects, fmt.Sprintf("SELECT %s FROM %s", list, quote(t.Name)))
		}
	}
	if len(selects) == 0 {
		return
	}
	fmt.Fprintf(b, "CREATE VIEW %s AS\n%s;\n", quote(base.Name), strings.Join(selects, "\nUNION ALL\n"))
}

func extends(t dictionary.Table, base string) bool {
	for class, ok := dictionary.TableByName(t.Extends); ok; class, ok = dictionary.TableByName(class.Extends) {
		if class.Name == base {
			return true
		}
	}
	return false
}

type index struct {
	table, name string
	unique      bool
	columns     []string // each a column name, with a collation where needed
	where       string
}

func (i index) create(b *strings.Builder) {
	kind := "INDEX"
	if i.unique {
		kind = "UNIQUE INDEX"
	}
	fmt.Fprintf(b, "CREATE %s %s ON %s (%s)", kind, quote("ix_"+i.name), quote(i.table), strings.Join(i.columns, ", "))
	if i.where != "" {
		b.WriteString(" WHERE " + i.where)
	}
	b.WriteString(";\n")
}

// indexes are those beyond the unique one on sys_id. Names are compared without regard to case, as in encoded queries;
// ids that vendors give are not. Where a list is read by keyset pages (... ^sys_id>LAST^ORDERBYsys_id), the index ends in
// sys_id: without it each page would sort all rows of the filter.
func indexes() []index {
	const noCase = " COLLATE NOCASE"
	return []index{
		{
			table: dictionary.TableSubscription, name: "subscription_key", unique: true,
			columns: []string{dictionary.SubscriptionProfile, dictionary.SubscriptionExternalUserID, dictionary.SubscriptionIdentifier},
		},
		// It also holds all that a refresh reads of every subscription: what changed, and who is stale.
		{table: dictionary.TableSubscription, name: "subscription_profile", columns: []string{
			dictionary.SubscriptionProfile, dictionary.SysID, fingerprint,
			dictionary.SubscriptionLastActivity, dictionary.SubscriptionExternalCreated, dictionary.SubscriptionRestoredOn, dictionary.SysCreatedOn,
		}},
		// Its few different entries are skipped through; new ones of each are appended.
		{table: dictionary.TableSubscription, name: "subscription_identifier", columns: []string{
			dictionary.SubscriptionIdentifier, dictionary.SubscriptionProfile, dictionary.SubscriptionSoftwareModel,
		}},
		// All that is asked of those without user, to look for one again.
		{table: dictionary.TableSubscription, name: "subscription_without_user", where: "user = ''", columns: []string{
			dictionary.SubscriptionProfile, dictionary.SubscriptionExternalUserID, dictionary.SubscriptionUPN,
		}},
		{table: dictionary.TableSubscription, name: "subscription_excluded", where: "excluded_from_metering = 1", columns: []string{dictionary.SysID}},
		{table: dictionary.TableProfile, name: "profile_display_name", unique: true, columns: []string{dictionary.ProfileDisplayName + noCase}},
		{table: dictionary.TableAlias, name: "alias_id", unique: true, columns: []string{dictionary.AliasID + noCase}},
		{table: dictionary.TableHTTPConnection, name: "http_connection_name", unique: true, columns: []string{dictionary.ConnectionName + noCase}},
		{table: dictionary.TableOAuthEntity, name: "oauth_entity_name", unique: true, columns: []string{dictionary.OAuthEntityName + noCase}},
		{table: dictionary.TableUser, name: "user_email", columns: []string{"email" + noCase}},
		{table: dictionary.TableUser, name: "user_name", columns: []string{"user_name" + noCase}},
		{table: dictionary.TableCandidate, name: "candidate_subscription", columns: []string{dictionary.CandidateSubscription, "active"}},
		{table: dictionary.TableReclamationRun, name: "reclamation_run_key", unique: true, columns: []string{dictionary.RunKey, dictionary.RunProfile}},
		{table: dictionary.TableReclamationRunItem, name: "reclamation_run_item_run", columns: []string{dictionary.RunItemRun, dictionary.SysID}},
		{table: dictionary.TableCandidate, name: "candidate_state", columns: []string{dictionary.CandidateState, dictionary.SysID}},
		// What a refresh asks of every open candidate.
		{table: dictionary.TableCandidate, name: "candidate_open", where: "active = 1", columns: []string{
			dictionary.CandidateProfile, dictionary.CandidateRule, dictionary.CandidateSubscription,
			dictionary.CandidateState, dictionary.CandidateJustification, dictionary.CandidateInactiveDays, "opened_at",
			dictionary.CandidateUser, dictionary.CandidatePotentialSavings,
		}},
		{table: dictionary.TableEmail, name: "email_waiting", columns: []string{dictionary.EmailType, dictionary.EmailTarget}},
		{table: dictionary.TableCandidate, name: "candidate_number", columns: []string{dictionary.CandidateNumber + noCase}},
	}
}

// fingerprint is a column of subscriptions that is no part of the dictionary: a hash of what the vendor told of one, for a
// refresh to see at a glance that nothing changed. The refresh of the engine makes it.
const fingerprint = "snsam_fingerprint"

// fingerprintTrigger forgets a fingerprint when anybody else changes what it was made of. Activity that moves forward does
// not matter: what the vendor's list tells of it is not newer.
func fingerprintTrigger() string {
	columns := []string{
		dictionary.SubscriptionProfile, dictionary.SubscriptionExternalUserID, dictionary.SubscriptionIdentifier,
		dictionary.SubscriptionUPN, dictionary.SubscriptionUserName, dictionary.SubscriptionExternalCreated,
	}
	last := dictionary.SubscriptionLastActivity
	changes := []string{"new." + last + " < old." + last}
	for _, column := range columns {
		changes = append(changes, "new."+column+" IS NOT old."+column)
	}
	table := quote(dictionary.TableSubscription)
	return fmt.Sprintf(`-- +goose StatementBegin
CREATE TRIGGER "tr_subscription_fingerprint" AFTER UPDATE OF %[2]s ON %[1]s
WHEN new.%[3]s IS old.%[3]s AND new.%[3]s IS NOT NULL AND (%[4]s)
BEGIN
    UPDATE %[1]s SET %[3]s = NULL WHERE rowid = new.rowid;
END;
-- +goose StatementEnd
`, table, strings.Join(append(columns, last), ", "), fingerprint, strings.Join(changes, " OR "))
}

func quote(identifier string) string { return `"` + strings.ReplaceAll(identifier, `"`, `""`) + `"` }
