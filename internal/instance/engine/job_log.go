package engine

import (
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// openJobLog stores that a job has begun, as a Scheduled Job Result.
func openJobLog(ctx context.Context, tx *store.Tx, name, profile string) (companion.Ref, error) {
	number, err := takeNumber(ctx, tx, jobPrefix)
	if err != nil {
		return companion.Ref{}, err
	}
	row, err := tx.Insert(ctx, dictionary.TableJobLog, store.Row{
		dictionary.JobLogNumber:  number,
		dictionary.JobLogName:    name,
		dictionary.JobLogStatus:  dictionary.JobLogInProgress,
		dictionary.JobLogProfile: profile,
	})
	if err != nil {
		return companion.Ref{}, fmt.Errorf("open the job result of %s: %w", name, err)
	}
	return companion.Ref{SysID: row[dictionary.SysID], Name: row[dictionary.JobLogNumber]}, nil
}

func closeJobLog(ctx context.Context, tx *store.Tx, log companion.Ref, status, message string) error {
	_, _, err := tx.Update(ctx, dictionary.TableJobLog, log.SysID, store.Row{
		dictionary.JobLogStatus: status, dictionary.JobLogMessage: message,
	})
	if err != nil {
		return fmt.Errorf("close the job result %s: %w", log.Name, err)
	}
	return nil
}
