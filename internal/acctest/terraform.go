package acctest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/stretchr/testify/require"
)

// pinnedTerraform is installed where neither Terraform nor OpenTofu is on PATH. It is the oldest version that the provider
// supports.
const pinnedTerraform = "1.11.4"

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
		"SERVICENOWSAM_DATABASE_URL", "SERVICENOWSAM_ENCRYPTION_KEY", "SERVICENOWSAM_RELEASE_FAMILY",
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

// findTerraform takes the binary that the environment names, or one on PATH, or installs one into the checkout.
func findTerraform(ctx context.Context) (string, error) {
	if path := os.Getenv(envTerraformPath); path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	root, err := checkout()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, ".terraform-bin")
	installed := filepath.Join(dir, "terraform")
	if _, err := os.Stat(installed); err == nil {
		return installed, nil
	}
	return installed, install(ctx, dir, installed)
}

// install installs beside the final place and moves it there, because several test processes may do so at once.
func install(ctx context.Context, dir, installed string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the folder for Terraform: %w", err)
	}
	own, err := os.MkdirTemp(dir, "install-")
	if err != nil {
		return fmt.Errorf("make the folder for Terraform: %w", err)
	}
	defer func() { _ = os.RemoveAll(own) }()
	path, err := (&releases.ExactVersion{
		Product:    product.Terraform,
		Version:    version.Must(version.NewVersion(pinnedTerraform)),
		InstallDir: own,
	}).Install(ctx)
	if err != nil {
		return fmt.Errorf("install Terraform %s: %w; or put terraform or tofu (1.11 or newer) on PATH", pinnedTerraform, err)
	}
	return os.Rename(path, installed)
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
	output, err := exec.CommandContext(t.Context(), os.Getenv(envTerraformPath), "version", "-json").Output() //nolint:gosec // the binary under test
	require.NoError(t, err)
	var answer struct {
		Version string `json:"terraform_version"`
	}
	require.NoError(t, json.Unmarshal(output, &answer))
	current, err := version.NewVersion(answer.Version)
	require.NoError(t, err)
	if current.Core().LessThan(version.Must(version.NewVersion(least))) {
		t.Skipf("%s need Terraform %s, and this is %s; name a newer binary in %s", what, least, answer.Version, envTerraformPath)
	}
}
