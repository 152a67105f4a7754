package acctest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/terraformcli"
)

// Binary is the built provider, for tests of its commands.
func Binary(t *testing.T) string {
	t.Helper()
	dir, err := builtProvider(t.Context())
	require.NoError(t, err)
	return filepath.Join(dir, "terraform-provider-servicenowsam")
}

// Mirror puts the built provider into a filesystem mirror, for tests that run terraform init, and gives the path of a CLI
// configuration that names the mirror.
func Mirror(t *testing.T) (cliConfig string) {
	t.Helper()
	mirror := t.TempDir()
	binary := terraformcli.MirrorBinary(mirror)
	require.NoError(t, os.MkdirAll(filepath.Dir(binary), 0o750))
	require.NoError(t, os.Symlink(Binary(t), binary))
	cliConfig = filepath.Join(mirror, "terraform.rc")
	require.NoError(t, os.WriteFile(cliConfig, []byte(terraformcli.MirrorConfig(mirror)), 0o600))
	return cliConfig
}

// Terraform is the binary that the acceptance tests drive.
func Terraform() string { return os.Getenv(envTerraformPath) }
