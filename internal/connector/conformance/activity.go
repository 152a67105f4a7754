package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// lookBack is the longest look-back of a profile.
const lookBack = 60 * 24 * time.Hour

// source is the connector's source of activity.
func source(t *testing.T, f Fixture) connector.ActivitySource {
	t.Helper()
	s, ok := f.Connect(nil).(connector.ActivitySource)
	if !ok || f.ActAt == nil || f.Idle == nil {
		t.Skip("this vendor tells activity with the subscriptions")
	}
	return s
}

// events are the latest events of people, by id.
type events map[string]connector.Event

func (e events) add(batch []connector.Event) error {
	for _, event := range batch {
		if event.At.After(e[event.ExternalUserID].At) {
			e[event.ExternalUserID] = event
		}
	}
	return nil
}

// pull reads activity, and looks again at people where the vendor can.
func pull(ctx context.Context, s connector.ActivitySource, since time.Time, from connector.Watermark, look ...string) (events, connector.ActivityWalk, error) {
	seen := events{}
	walk, err := s.Activity(ctx, since, from, seen.add)
	if again, ok := s.(connector.ActivityConfirmer); ok && err == nil && len(look) > 0 {
		err = again.ConfirmActivity(ctx, look, since, seen.add)
	}
	return seen, walk, err
}

func lookBackEdge(t *testing.T, s Subject) {
	f, _ := s.start(t, 60)
	c := source(t, f)
	since := noon.Add(-lookBack + 17*time.Second)
	people := f.Idle(2)
	f.ActAt(people[0], since)
	f.ActAt(people[1], since.Add(-time.Second))
	seen, walk, err := pull(t.Context(), c, since, nil, people...)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Equal(t, since, seen[people[0]].At.UTC())
	require.NotContains(t, seen, people[1])
}

func watermark(t *testing.T, s Subject) {
	f, clock := s.start(t, 60)
	c := source(t, f)
	since := noon.Add(-lookBack)
	_, walk, err := pull(t.Context(), c, since, nil)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.NotEmpty(t, walk.Method)

	require.NoError(t, clock.Sleep(t.Context(), 24*time.Hour))
	someone, at := f.Idle(1)[0], clock.Now().Add(-time.Hour).Truncate(time.Second)
	f.ActAt(someone, at)
	seen, walk, err := pull(t.Context(), c, since.Add(24*time.Hour), walk.Watermark)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.WithinDuration(t, at, seen[someone].At, time.Second)

	_, walk, err = pull(t.Context(), c, since, connector.Watermark("not a watermark"))
	require.NoError(t, err, "a watermark that cannot be read means from the beginning")
	require.True(t, walk.Complete)
}

// cutShort ends a pull by its deadline, which is no error, and by its caller, which is one.
func cutShort(t *testing.T, s Subject) {
	f, _ := s.start(t, 60)
	c := source(t, f)
	since := noon.Add(-lookBack)
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	_, walk, err := pull(late, c, since, nil)
	require.NoError(t, err)
	require.False(t, walk.Complete)
	_, walk, err = pull(t.Context(), c, since, walk.Watermark)
	require.NoError(t, err)
	require.True(t, walk.Complete)

	ended, end := context.WithCancel(t.Context())
	end()
	_, walk, err = pull(ended, c, since, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, walk.Complete)
}

func (s Subject) grant(t *testing.T, members int) Grant {
	t.Helper()
	f, _ := s.start(t, members)
	if f.Grant == nil {
		t.Skip("this vendor takes no OAuth grant")
	}
	return f.Grant()
}

func renewal(t *testing.T, s Subject) {
	g := s.grant(t, 3*s.PageSize)
	g.Expire()
	all, walk, err := collect(t.Context(), g.Connector)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Len(t, all, 3*s.PageSize)
	require.Equal(t, 1, g.Refreshes(), "one renewal serves all requests under way")

	g.Revoke()
	_, walk, err = collect(t.Context(), g.Connector)
	require.Equal(t, connector.KindCredentials, connector.KindOf(err), "%v", err)
	require.False(t, walk.Complete)
}

func missingScope(t *testing.T, s Subject) {
	g := s.grant(t, 30)
	if g.LoseScope == nil {
		t.Skip("the grants of this vendor have no scopes")
	}
	g.LoseScope()
	_, walk, err := collect(t.Context(), g.Connector)
	require.Equal(t, connector.KindPermission, connector.KindOf(err), "%v", err)
	require.False(t, walk.Complete)
	require.Zero(t, g.Refreshes(), "a renewal would spend a rotation and change nothing")
}

func activity(t *testing.T, s Subject) {
	f, clock := s.start(t, 30)
	reader, ok := f.Connect(nil).(connector.ActivityReader)
	if !ok {
		t.Skip("this vendor has no cheap way to re-read one person's activity")
	}
	id := f.Reclaimable()
	before, err := reader.LastActivity(t.Context(), id)
	require.NoError(t, err)
	require.True(t, before.Before(noon.AddDate(0, 0, -1)))
	f.Login(id)
	after, err := reader.LastActivity(t.Context(), id)
	require.NoError(t, err)
	require.WithinDuration(t, clock.Now(), after, time.Second)
}
