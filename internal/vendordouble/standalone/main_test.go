package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestItTellsWhereItIsAndEndsWithItsInput(t *testing.T) {
	t.Parallel()
	stdin, closeStdin := io.Pipe()
	stdout, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(context.Background(), []string{"-members", "12", "-seed", "3", "-until-stdin-closes"}, stdin, out, io.Discard)
	}()
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err)
	var where ready
	require.NoError(t, json.Unmarshal(line, &where))

	resp, err := http.Get(where.URL + "/1/enterprises/" + where.Enterprise["id"] + "/members?associationTypes=licensed&key=" +
		where.Credentials["key"] + "&token=" + where.Credentials["token"])
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	var members []map[string]any
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&members))
	require.Len(t, members, 12)
	http.DefaultClient.CloseIdleConnections()

	require.NoError(t, closeStdin.Close())
	require.NoError(t, <-ended)
}

func TestConfluenceTellsWhatAClientNeeds(t *testing.T) {
	t.Parallel()
	stdin, closeStdin := io.Pipe()
	stdout, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(context.Background(), []string{"-vendor", "confluence", "-members", "12", "-until-stdin-closes"}, stdin, out, io.Discard)
	}()
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err)
	var where ready
	require.NoError(t, json.Unmarshal(line, &where))
	require.Contains(t, where.URL, "/ex/confluence/"+where.Cloud["id"])

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		where.URL+"/wiki/rest/api/group/by-id?id="+where.Groups["contractors"], nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+where.Credentials["token"])
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	http.DefaultClient.CloseIdleConnections()

	require.NoError(t, closeStdin.Close())
	require.NoError(t, <-ended)
}

func TestItEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	require.NoError(t, run(ctx, nil, nil, &out, io.Discard))
	require.Contains(t, out.String(), `"url":"http://127.0.0.1:`)
}

func TestItRefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-vendor", "nobody"}, {"-members", "-1"}, {"-listen", "0.0.0.0:0"}, {"-listen", "here"}, {"-unknown"},
	} {
		require.Error(t, run(t.Context(), args, nil, io.Discard, io.Discard), args)
	}
}

func TestAsanaTellsWhatAClientNeeds(t *testing.T) {
	t.Parallel()
	stdin, closeStdin := io.Pipe()
	stdout, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(context.Background(), []string{"-vendor", "asana", "-members", "12", "-until-stdin-closes"}, stdin, out, io.Discard)
	}()
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err)
	var where ready
	require.NoError(t, json.Unmarshal(line, &where))

	for _, token := range []string{"token", "personal_access_token"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			where.URL+"/api/1.0/workspaces/"+where.Workspace["id"]+"/workspace_memberships?limit=100", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+where.Credentials[token])
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		var members struct{ Data []map[string]any }
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&members))
		require.NoError(t, resp.Body.Close())
		require.GreaterOrEqual(t, len(members.Data), 12)
	}
	http.DefaultClient.CloseIdleConnections()

	require.NoError(t, closeStdin.Close())
	require.NoError(t, <-ended)
}
