package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The quickstart is the promise on the README's first screen, so it is told in full, and its claims are looked for.
func TestQuickstart(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)

	var out bytes.Buffer
	err := run(t.Context(), filepath.Join("..", ".."), io.MultiWriter(&out, testLog{t}))
	require.NoError(t, err)

	lines := strings.Split(out.String(), "\n")
	require.Contains(t, lines[0], "invented")
	require.Contains(t, lines[0], "nothing leaves this machine")
	for _, claim := range []string{
		"~ reclaim_subscriptions  = false -> true",
		"Review: this plan reclaims",
		"skipped_active",
		"Trello itself says: 48 seats before, 39 after.",
		"Asana itself says: 30 seats before, 23 after.",
		"Confluence itself says: 30 seats before, 22 after.",
	} {
		require.Contains(t, out.String(), claim)
	}
	require.Equal(t, 2, strings.Count(out.String(), "No changes. Your infrastructure matches the configuration."))

	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left, "the quickstart leaves no files behind")
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}
