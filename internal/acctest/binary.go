package acctest

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Binary is the built provider, for tests of its commands.
func Binary(t *testing.T) string {
	t.Helper()
	dir, err := builtProvider(t.Context())
	require.NoError(t, err)
	return filepath.Join(dir, "terraform-provider-servicenowsam")
}
