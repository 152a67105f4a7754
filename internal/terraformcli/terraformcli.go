// Package terraformcli finds a Terraform or OpenTofu that is new enough for this provider, and installs one where there is
// none. The quickstart and the acceptance tests use it; the provider itself does not.
package terraformcli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

const (
	// Pinned is the Terraform that is installed where none is on PATH.
	Pinned = "1.11.4"
	// InstallDir is the folder of the checkout that it goes into; git ignores it.
	InstallDir = ".terraform-bin"
	// oldest has write-only attributes, in Terraform as in OpenTofu.
	oldest = "1.11.0"
)

// Find returns the path of a binary: terraform or tofu from PATH where it is new enough, or the pinned Terraform, which is
// installed into the checkout the first time. say is told what takes a while or may surprise.
func Find(ctx context.Context, checkout string, say func(string)) (string, error) {
	for _, name := range []string{"terraform", "tofu"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		found, err := Version(ctx, path)
		if err != nil {
			return "", err
		}
		if !found.Core().LessThan(version.Must(version.NewVersion(oldest))) {
			return path, nil
		}
		say(fmt.Sprintf("%s is version %s; this provider needs %s or newer.", path, found, oldest))
	}
	installed := filepath.Join(checkout, InstallDir, "terraform")
	if _, err := os.Stat(installed); err == nil {
		return installed, nil
	}
	say(fmt.Sprintf("Installing Terraform %s into %s.", Pinned, InstallDir))
	return installed, install(ctx, filepath.Dir(installed), installed)
}

// Version asks a binary for its version.
func Version(ctx context.Context, path string) (*version.Version, error) {
	cmd := exec.CommandContext(ctx, path, "version", "-json") //nolint:gosec // the binary that the caller chose
	// A CLI configuration that does not exist puts a warning in front of the answer.
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(output, &answer); err != nil {
		return nil, fmt.Errorf("ask %s for its version: it answered %q: %w", path, output, err)
	}
	found, err := version.NewVersion(answer.Version)
	if err != nil {
		return nil, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	return found, nil
}

// install installs beside the final place and moves it there, so that neither an interruption nor another process at the
// same work leaves half a binary.
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
		Version:    version.Must(version.NewVersion(Pinned)),
		InstallDir: own,
	}).Install(ctx)
	if err != nil {
		return fmt.Errorf("install Terraform %s from releases.hashicorp.com: %w; or put terraform or tofu (%s or newer) on PATH",
			Pinned, err, oldest)
	}
	return os.Rename(path, installed)
}
