package terraformcli_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/terraformcli"
)

// onPath puts a program that answers as Terraform does in place of everything on PATH.
func onPath(t *testing.T, answer string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "terraform")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho '"+answer+"'\n"), 0o700))
	t.Setenv("PATH", dir)
	return path
}

func TestFind_takesWhatIsNewEnough(t *testing.T) { //nolint:paralleltest // it sets PATH
	path := onPath(t, `{"terraform_version":"1.12.0-rc1"}`)
	found, err := terraformcli.Find(t.Context(), t.TempDir(), func(line string) { t.Error("surprised by", line) })
	require.NoError(t, err)
	require.Equal(t, path, found)
}

func TestFind_passesOverWhatIsTooOld(t *testing.T) { //nolint:paralleltest // it sets PATH
	onPath(t, `{"terraform_version":"1.5.7"}`)
	checkout := t.TempDir()
	installed := filepath.Join(checkout, terraformcli.InstallDir, "terraform")
	require.NoError(t, os.MkdirAll(filepath.Dir(installed), 0o750))
	require.NoError(t, os.WriteFile(installed, nil, 0o700))
	var said []string
	found, err := terraformcli.Find(t.Context(), checkout, func(line string) { said = append(said, line) })
	require.NoError(t, err)
	require.Equal(t, installed, found)
	require.Len(t, said, 1)
	require.Contains(t, said[0], "1.5.7")
}

func TestFind_leavesNothingHalfInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	checkout := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := terraformcli.Find(ctx, checkout, func(string) {})
	require.ErrorContains(t, err, "install Terraform "+terraformcli.Pinned)
	require.ErrorContains(t, err, "on PATH")
	left, err := os.ReadDir(filepath.Join(checkout, terraformcli.InstallDir))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestVersion_saysWhatAnswered(t *testing.T) { //nolint:paralleltest // it sets PATH
	path := onPath(t, "no JSON")
	_, err := terraformcli.Version(t.Context(), path)
	require.ErrorContains(t, err, path)
	require.ErrorContains(t, err, "no JSON")
}
