package confluence_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

func TestLastVisitsCountReaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	c := w.connect(t, w.withAdminKey, option("activity_source", "admin"))
	seen, walk, err := activity(t.Context(), c, since, nil)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	readers := 0
	for _, m := range w.Members(0, func(m double.Member) bool { return m.Seat }) {
		if m.LastVisit == nil || m.LastVisit.Before(since) {
			require.NotContains(t, seen, m.ID)
			continue
		}
		require.Equal(t, *m.LastVisit, seen[m.ID].At)
		if m.LastEdit == nil {
			readers++
		}
	}
	require.Positive(t, readers)
	require.Zero(t, w.Requests().ByRoute[double.RouteSearch])
	require.Equal(t, 60, w.Requests().ByRoute[double.RouteLastActive])

	reader, ok := c.(connector.ActivityReader)
	require.True(t, ok)
	idle := w.Members(1, double.IdleSince(since))[0]
	w.View(idle.ID)
	at, err := reader.LastActivity(t.Context(), idle.ID)
	require.NoError(t, err)
	require.Equal(t, w.clock.Now().Truncate(time.Second), at)
	for _, g := range w.Groups() {
		w.SetMember(idle.ID, g.ID, false)
	}
	_, err = reader.LastActivity(t.Context(), idle.ID)
	var failure *connector.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, connector.KindNotFound, failure.Kind)

	_, readable := w.connect(t).(connector.ActivityReader)
	require.False(t, readable, "without visits one person's activity cannot be re-read cheaply")
}

func TestARoundOfLastVisitsIsContinued(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60, double.Injection{Fault: double.FaultBurst, Route: double.RouteLastActive, After: 20})
	c := w.connect(t, w.withAdminKey, option("activity_source", "admin"), func(c *connector.Config) { c.Clock, c.Unlimited = nil, true })
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	first, walk, err := activity(ctx, c, since, nil)
	require.NoError(t, err)
	require.False(t, walk.Complete)
	w.ClearFaults()
	second, walk, err := activity(t.Context(), c, since, walk.Watermark)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.NotEmpty(t, first)
	for _, m := range w.Members(0, func(m double.Member) bool { return m.Seat }) {
		if m.LastVisit != nil && !m.LastVisit.Before(since) {
			require.True(t, first[m.ID].At.Equal(*m.LastVisit) || second[m.ID].At.Equal(*m.LastVisit))
		}
	}
	require.Less(t, w.Requests().ByRoute[double.RouteLastActive], 60+20)
}

func TestWhatTheAdminAPIDoesNotTellIsNoInactivity(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	answer := func(status int, body object) *httptest.Server {
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+w.AdminKey() {
				w.ServeHTTP(rw, r)
				return
			}
			rw.WriteHeader(status)
			_ = json.NewEncoder(rw).Encode(body)
		}))
		t.Cleanup(server.Close)
		return server
	}
	connect := func(server *httptest.Server) vendor {
		return w.connect(t, w.withAdminKey, option("activity_source", "admin"), at(w, server))
	}
	unreadable := object{"data": object{"product_access": []object{
		{"id": w.CloudID(), "key": "confluence", "last_active_timestamp": "soon"},
	}}}
	_, walk, err := activity(t.Context(), connect(answer(200, unreadable)), since, nil)
	require.ErrorContains(t, err, "soon")
	require.False(t, walk.Complete)

	stranger := connect(answer(404, object{"errors": []object{{"title": "User not found"}}}))
	seen, walk, err := activity(t.Context(), stranger, since, nil)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Empty(t, seen)
	require.Contains(t, walk.Warnings[0], "10 people are not in the organisation's directory")
	id := w.Members(1, nil)[0].ID
	require.NoError(t, stranger.ConfirmActivity(t.Context(), []string{id}, since, seen.add))
	require.True(t, seen[id].Imprecise, "who is unknown is not idle")

	day := object{"data": object{"product_access": []object{{"id": "ari:cloud:confluence::site/" + w.CloudID(), "key": "confluence", "last_active": "2026-11-20"}}}}
	seen = collected{}
	require.NoError(t, connect(answer(200, day)).ConfirmActivity(t.Context(), []string{id}, since, seen.add))
	require.Equal(t, time.Date(2026, 11, 20, 23, 59, 59, 0, time.UTC), seen[id].At)
}

func TestADirectoryThatTellsNobodysVisitsIsNoInactivity(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	c := w.connect(t, w.withAdminKey, option("activity_source", "admin"))
	_, walk, err := activity(t.Context(), c, since, nil)
	require.NoError(t, err)
	require.False(t, walk.BlindSpot)
	_, later, err := activity(t.Context(), c, noon.Add(-time.Second), walk.Watermark)
	require.NoError(t, err)
	require.False(t, later.BlindSpot, "visits were seen before, so the directory tells them")

	_, walk, err = activity(t.Context(), c, noon.Add(-time.Second), nil)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.True(t, walk.BlindSpot)
	require.Contains(t, walk.Warnings[0], "no visit of anybody")
}
