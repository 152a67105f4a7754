package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
		"The licence position as it is, amounts in USD:",
		"The licence position after the reclaim, amounts in USD:",
		"2 files, and their checksums fit. 25 licences are in it",
		"Trello itself says: 39 seats before, 40 after.",
	} {
		require.Contains(t, out.String(), claim)
	}
	require.Regexp(t, `Trello Enterprise +40 +48 +42 +-2 +11 +2 +420\.00 +8400\.00 +2310\.00 +0\.00`, out.String(), "before")
	require.Regexp(t, `Trello Enterprise +40 +39 +35 +5 +1 +0 +0\.00 +8400\.00 +210\.00 +1890\.00`, out.String(), "after")
	require.Regexp(t, `RCC\d+ +[A-Z][A-Za-z ]+ +done +[0-9.]+ +USD +`+approver, out.String())
	require.Equal(t, 2, strings.Count(out.String(), "No changes. Your infrastructure matches the configuration."))

	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left, "the quickstart leaves no files behind")

	ports := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindAllString(out.String(), -1)
	require.NotEmpty(t, ports)
	for _, address := range slices.Compact(slices.Sorted(slices.Values(ports))) {
		_, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		require.Error(t, err, "nothing listens on %s any more", address)
	}
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}
