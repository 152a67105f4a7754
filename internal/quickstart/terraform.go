package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/terraformcli"
)

// cli runs Terraform in one root module.
type cli struct {
	terraform string
	dir       string   // root module
	env       []string // on top of the caller's environment
	out       io.Writer
}

// run shows the command as a reader would type it, runs it, and shows what it prints. It returns the exit code: a
// plan with -detailed-exitcode answers 2 when there is something to do, and that is no error.
func (c cli) run(ctx context.Context, args ...string) (int, error) {
	fmt.Fprintf(c.out, "\n$ terraform %s\n", strings.Join(args, " "))
	code, err := c.exec(ctx, c.out, withNoColor(args)...)
	if err != nil {
		return code, err
	}
	if code != 0 && code != 2 {
		return code, fmt.Errorf("terraform %s in %s ended with exit code %d", strings.Join(args, " "), filepath.Base(c.dir), code)
	}
	return code, nil
}

// quiet runs a command whose output matters only when it fails.
func (c cli) quiet(ctx context.Context, args ...string) ([]byte, error) {
	var buf bytes.Buffer
	code, err := c.exec(ctx, &buf, withNoColor(args)...)
	if err != nil {
		return nil, err
	}
	if code != 0 {
		return nil, fmt.Errorf("terraform %s ended with exit code %d:\n%s", strings.Join(args, " "), code, buf.String())
	}
	return buf.Bytes(), nil
}

func (c cli) exec(ctx context.Context, out io.Writer, args ...string) (int, error) {
	cmd := exec.CommandContext(ctx, c.terraform, args...)
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), c.env...)
	cmd.Stdout, cmd.Stderr = out, out
	// Terraform stops its provider on an interrupt, and a killed one would leave the provider's work to be resumed.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && ctx.Err() == nil {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return -1, fmt.Errorf("run terraform %s: %w", strings.Join(args, " "), err)
	}
	return 0, nil
}

func withNoColor(args []string) []string {
	return append([]string{args[0], "-no-color"}, args[1:]...)
}

// buildProvider builds the provider of this checkout into a filesystem mirror and writes a CLI configuration that takes
// it from there, so that `terraform init` needs no network.
func buildProvider(ctx context.Context, checkout, work string) (binary, cliConfig string, err error) {
	mirror := filepath.Join(work, "mirror")
	binary = terraformcli.MirrorBinary(mirror)
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	build.Dir = checkout
	if out, err := build.CombinedOutput(); err != nil {
		return "", "", fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	cliConfig = filepath.Join(work, "terraform.rc")
	if err := os.WriteFile(cliConfig, []byte(terraformcli.MirrorConfig(mirror)), 0o600); err != nil {
		return "", "", fmt.Errorf("write the CLI configuration: %w", err)
	}
	return binary, cliConfig, nil
}

// copyModule copies the .tf files of a root module of examples/quickstart into the working folder.
func copyModule(checkout, work, name string) (string, error) {
	from, to := filepath.Join(checkout, "examples", "quickstart", name), filepath.Join(work, name)
	files, err := filepath.Glob(filepath.Join(from, "*.tf"))
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("read the root module %s: no .tf files; run this from the root of the checkout", from)
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return "", fmt.Errorf("make a working folder: %w", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read %s: %w", file, err)
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), content, 0o600); err != nil {
			return "", fmt.Errorf("copy %s: %w", file, err)
		}
	}
	return to, nil
}
