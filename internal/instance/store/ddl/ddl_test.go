package ddl_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store/ddl"
)

// Until the first release the dictionary may still change the first migration. After it, a change needs a migration of its
// own, and this test has to compare the migrated schema instead.
func TestMigrationIsCurrent(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../migrations/00001_dictionary.sql")
	require.NoError(t, err)
	require.Equal(t, ddl.Migration(), string(file), "run: go generate ./internal/instance/store/ddl")
}
