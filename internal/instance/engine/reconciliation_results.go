package engine

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// results stores the results of one publisher, and knows which were stored.
type results struct {
	publisher string
	kept      map[string][]string // sys_ids by table
}

// resultTables have a row per subject that is marked as the latest.
var resultTables = []string{
	dictionary.TablePublisherResult, dictionary.TableProductResult, dictionary.TableSoftwareModelResult, dictionary.TableMetricResult,
}

// store makes figures the latest of a subject. As long as the figures stay the same so does the row, so that nothing that
// refers to it is written anew: only the time of its last update tells that they were found again.
func (r *results) store(ctx context.Context, tx *store.Tx, table string, subject, figures store.Row) (string, error) {
	query := publisherIs(dictionary.ResultPublisher, r.publisher) + "^" + dictionary.ResultLatest + "=true"
	for column, value := range subject {
		if value == "" {
			query += "^" + column + "ISEMPTY"
			continue
		}
		query += "^" + column + "=" + value
	}
	last, err := findOne(ctx, tx, table, query)
	if err != nil {
		return "", fmt.Errorf("read the latest result: %w", err)
	}
	if last != nil && sameFigures(last, figures) {
		r.keep(table, last[dictionary.SysID])
		return last[dictionary.SysID], touch(ctx, tx, table, last[dictionary.SysID])
	}
	row := store.Row{dictionary.ResultPublisher: r.publisher, dictionary.ResultLatest: "true"}
	maps.Copy(row, subject)
	maps.Copy(row, figures)
	row, err = tx.Insert(ctx, table, row)
	if err != nil {
		return "", fmt.Errorf("store a result in %s: %w", table, err)
	}
	r.keep(table, row[dictionary.SysID])
	return row[dictionary.SysID], nil
}

func (r *results) keep(table, id string) {
	if r.kept == nil {
		r.kept = map[string][]string{}
	}
	r.kept[table] = append(r.kept[table], id)
}

func sameFigures(row, figures store.Row) bool {
	for column, value := range figures {
		if row[column] != value {
			return false
		}
	}
	return true
}

func touch(ctx context.Context, tx *store.Tx, table, id string) error {
	_, err := tx.Exec(ctx, `UPDATE `+table+` SET sys_updated_on = ? WHERE sys_id = ?`, formatDateTime(tx.Now()), id)
	if err != nil {
		return fmt.Errorf("mark a result in %s as current: %w", table, err)
	}
	return nil
}

// storeRemediation offers an option, in place of the one that was offered for the same model.
func (r *results) storeRemediation(ctx context.Context, tx *store.Tx, option store.Row) error {
	option[dictionary.ResultPublisher] = r.publisher
	last, err := findOne(ctx, tx, dictionary.TableRemediation, dictionary.ResultModel+"="+option[dictionary.ResultModel])
	if err != nil {
		return err
	}
	if last == nil {
		last, err = tx.Insert(ctx, dictionary.TableRemediation, option)
	} else {
		_, _, err = tx.Update(ctx, dictionary.TableRemediation, last[dictionary.SysID], option)
	}
	if err != nil {
		return fmt.Errorf("store a remediation option: %w", err)
	}
	r.keep(dictionary.TableRemediation, last[dictionary.SysID])
	return nil
}

// storeUsage keeps the one usage summary of a model.
func storeUsage(ctx context.Context, tx *store.Tx, model string, usage store.Row) error {
	last, err := findOne(ctx, tx, dictionary.TableUsageSummary, dictionary.UsageModel+"="+model)
	if err != nil {
		return err
	}
	if last == nil {
		usage[dictionary.UsageModel] = model
		_, err = tx.Insert(ctx, dictionary.TableUsageSummary, usage)
	} else if _, _, err = tx.Update(ctx, dictionary.TableUsageSummary, last[dictionary.SysID], usage); err == nil {
		err = touch(ctx, tx, dictionary.TableUsageSummary, last[dictionary.SysID])
	}
	if err != nil {
		return fmt.Errorf("store the usage summary of a software model: %w", err)
	}
	return nil
}

// retireOthers ends what was not found again: former results become history, options without a shortage go, and so do the
// usage summaries of models that are not reconciled any more.
func (r *results) retireOthers(ctx context.Context, tx *store.Tx) error {
	exec := func(statement string, args []any) error {
		if _, err := tx.Exec(ctx, statement, args...); err != nil {
			return fmt.Errorf("retire the former results: %w", err)
		}
		return nil
	}
	for _, table := range resultTables {
		others, args := r.others(table)
		if err := exec(`UPDATE `+table+` SET latest = 0 WHERE latest = 1 AND `+others, args); err != nil {
			return err
		}
	}
	others, args := r.others(dictionary.TableRemediation)
	if err := exec(`DELETE FROM samp_remediation_option WHERE `+others, args); err != nil {
		return err
	}
	return exec(`DELETE FROM samp_subscription_usage_summary WHERE
		software_model NOT IN (SELECT software_model FROM samp_license_metric_result WHERE latest = 1)
		AND (software_model NOT IN (SELECT sys_id FROM cmdb_software_product_model)
			OR software_model IN (SELECT sys_id FROM cmdb_software_product_model WHERE publisher = ?))`, []any{r.publisher})
}

// others is the condition of the publisher's rows in a table that were not stored now.
func (r *results) others(table string) (condition string, args []any) {
	kept := r.kept[table]
	args = []any{r.publisher}
	for _, id := range kept {
		args = append(args, id)
	}
	return `publisher = ? AND sys_id NOT IN (` + strings.TrimSuffix(strings.Repeat("?,", len(kept)), ",") + `)`, args
}
