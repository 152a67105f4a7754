package engine

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// How many rows one statement carries. More parameters save calls but take longer to compile.
const (
	insertRows = 50
	lookUpRows = 500
)

// inChunks does a list in parts of at most size, with a statement that is compiled once for all full parts. sqlOf is the
// statement for a part with so many rows.
func inChunks[T any](ctx context.Context, tx *store.Tx, list []T, size int, sqlOf func(rows int) string, do func(*sql.Stmt, []T) error) error {
	var statement *sql.Stmt
	prepared := 0
	for chunk := range slices.Chunk(list, size) {
		if len(chunk) != prepared {
			var err error
			if statement, err = tx.Prepare(ctx, sqlOf(len(chunk))); err != nil {
				return err
			}
			defer func() { _ = statement.Close() }()
			prepared = len(chunk)
		}
		if err := do(statement, chunk); err != nil {
			return err
		}
	}
	return nil
}

// placeholders is a list of n parameters.
func placeholders(n int) string {
	if n == 0 {
		return ""
	}
	return "?" + strings.Repeat(",?", n-1)
}
