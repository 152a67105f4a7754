package acctest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/terraformcli"
)

// envTerraformPath is where terraform-plugin-testing looks for the binary.
const envTerraformPath = "TF_ACC_TERRAFORM_PATH"

// Main runs the tests of a package with an environment of their own: no setting of the developer reaches Terraform or the
// provider. Call it from TestMain.
func Main(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "acceptance tests:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	scratch, err := os.MkdirTemp("", "acctest-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	defer func() { err = errors.Join(err, removeProvider()) }()
	terraform, err := findTerraform(context.Background())
	if err != nil {
		return 1, err
	}
	cliConfig := filepath.Join(scratch, "empty.tfrc")
	if err := os.WriteFile(cliConfig, nil, 0o600); err != nil {
		return 1, err
	}
	for _, name := range []string{
		"TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PATH", "TF_REATTACH_PROVIDERS", "TF_WORKSPACE", "TF_DATA_DIR", "TF_CLI_ARGS",
		"SERVICENOW_INSTANCE", "SERVICENOW_USERNAME", "SERVICENOW_PASSWORD",
		"SERVICENOWSAM_DATABASE_URL", "SERVICENOWSAM_ENCRYPTION_KEY", "SERVICENOWSAM_RELEASE_FAMILY", "SERVICENOWSAM_NOTIFICATION_DELIVERY", "SERVICENOWSAM_CURRENCY",
	} {
		if err := os.Unsetenv(name); err != nil {
			return 1, err
		}
	}
	for name, value := range map[string]string{
		envTerraformPath: terraform, "TF_CLI_CONFIG_FILE": cliConfig, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1",
	} {
		if err := os.Setenv(name, value); err != nil {
			return 1, err
		}
	}
	return m.Run(), nil
}

// findTerraform takes the binary that the environment names, or finds one.
func findTerraform(ctx context.Context) (string, error) {
	if path := os.Getenv(envTerraformPath); path != "" {
		return path, nil
	}
	root, err := checkout()
	if err != nil {
		return "", err
	}
	return terraformcli.Find(ctx, root, func(line string) { fmt.Fprintln(os.Stderr, line) })
}

// checkout is the root of the repository: the nearest folder above with go.mod.
func checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = parent
	}
}

// NeedsTerraform skips a test of what only newer versions of Terraform can do. OpenTofu, which reports a version of its own,
// has neither list resources nor actions.
func NeedsTerraform(t *testing.T, least, what string) {
	t.Helper()
	current, err := terraformcli.Version(t.Context(), os.Getenv(envTerraformPath))
	require.NoError(t, err)
	if current.Core().LessThan(version.Must(version.NewVersion(least))) {
		t.Skipf("%s need Terraform %s, and this is %s; name a newer binary in %s", what, least, current, envTerraformPath)
	}
}
