package tfkit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

func TestPolicy_protectsThroughTheLastDay(t *testing.T) {
	t.Parallel()
	last := time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)
	p := tfkit.Policy{
		Users:  []tfkit.Protection{{Name: "a@example.com", ExpiresOn: last}, {Name: "b@example.com"}},
		Groups: []tfkit.Protection{{Name: "Board", ExpiresOn: last}},
	}
	require.Equal(t, []string{"a@example.com", "b@example.com"}, p.ProtectedUsers(last.Add(23*time.Hour)))
	require.Equal(t, []string{"b@example.com"}, p.ProtectedUsers(last.Add(24*time.Hour)))
	require.Equal(t, []string{"b@example.com"}, p.ProtectedUsers(last.AddDate(100, 0, 0)))
	require.Equal(t, []string{"Board"}, p.ProtectedGroups(last.Add(24*time.Hour-time.Nanosecond)))
	require.Empty(t, p.ProtectedGroups(last.Add(24*time.Hour)))
}

func TestFreezeWindow_once(t *testing.T) {
	t.Parallel()
	from, to := time.Date(2026, time.December, 18, 0, 0, 0, 0, time.UTC), time.Date(2027, time.January, 4, 0, 0, 0, 0, time.UTC)
	p := tfkit.Policy{FreezeWindows: []tfkit.FreezeWindow{{Reason: "Year end", From: from, To: to}}}
	require.Nil(t, p.Frozen(from.Add(-time.Nanosecond)))
	require.NotNil(t, p.Frozen(from))
	require.NotNil(t, p.Frozen(to.Add(-time.Nanosecond)))
	require.Nil(t, p.Frozen(to))
	require.Equal(t, "Year end (from 2026-12-18T00:00:00Z to 2027-01-04T00:00:00Z)", p.Frozen(from).String())
}

// Clock times are local: the same wall clock freezes in summer and in winter.
func TestFreezeWindow_weekly(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	w := tfkit.FreezeWindow{
		Reason: "Weekend", Days: []time.Weekday{time.Friday}, FromMinute: 16 * 60, ToMinute: 24 * 60, Zone: berlin,
	}
	for text, want := range map[string]bool{
		"2026-07-10T13:59:59Z": false, // 15:59 in summer
		"2026-07-10T14:00:00Z": true,
		"2026-07-10T21:59:59Z": true,
		"2026-07-10T22:00:00Z": false, // Saturday there
		"2026-11-27T14:59:59Z": false, // 15:59 in winter
		"2026-11-27T15:00:00Z": true,
		"2026-11-27T22:59:59Z": true,
		"2026-11-27T23:00:00Z": false,
		"2026-11-26T16:00:00Z": false, // Thursday
	} {
		at, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		require.Equal(t, want, w.Covers(at), text)
	}
	require.Equal(t, "Weekend (every friday from 16:00 to 24:00, Europe/Berlin)", w.String())
}

func TestMeta_mayReclaim(t *testing.T) {
	t.Parallel()
	const id = "0f8b1c52-6d0e-4a57-9f5e-3c1f0f6a9b21"
	for name, c := range map[string]struct {
		allowed []string
		host    string
		want    bool
	}{
		"no list":              {nil, "prod.service-now.com", true},
		"an empty list":        {[]string{}, "prod.service-now.com", false},
		"the host":             {[]string{"dev.service-now.com", " Prod.Service-Now.com "}, "prod.service-now.com", true},
		"the URL":              {[]string{"https://prod.service-now.com:443/"}, "prod.service-now.com", true},
		"another host":         {[]string{"https://prod.service-now.com/"}, "dev.service-now.com", false},
		"part of the host":     {[]string{"service-now.com"}, "prod.service-now.com", false},
		"another port":         {[]string{"localhost:8080"}, "localhost:8081", false},
		"the id":               {[]string{id}, "", true},
		"nothing of an entry":  {[]string{""}, "", false},
		"an embedded instance": {[]string{"localhost"}, "", false},
	} {
		m := tfkit.NewMeta(nil)
		m.Policy.AllowedInstances, m.Host = c.allowed, c.host
		require.Equal(t, c.want, m.MayReclaim(id), name)
	}
}
