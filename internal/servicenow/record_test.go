package servicenow_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

func TestRecordAcceptsEveryShape(t *testing.T) {
	t.Parallel()
	var r servicenow.Record
	require.NoError(t, json.Unmarshal([]byte(`{
		"plain": "text", "escaped": "a \"quoted\" é\n", "empty": "", "nothing": null, "flag": true, "number": 12,
		"link": {"link": "https://x/api/now/table/sys_alias/ID", "value": "ID"},
		"label": {"display_value": "Trello", "link": "https://x"},
		"both": {"display_value": "Draft", "value": "draft"},
		"both_empty": {"display_value": "", "value": ""},
		"domain": {"link": "https://x/api/now/table/sys_user_group/global", "value": "global"},
		"when": "2026-10-01 12:30:00", "day": "2026-10-01"
	}`), &r))
	require.Equal(t, "text", r.Get("plain"))
	require.Equal(t, "a \"quoted\" é\n", r.Get("escaped"))
	require.Equal(t, "ID", r.Get("link"))
	require.Equal(t, "Trello", r.Get("label"))
	require.Equal(t, "draft", r.Get("both"))
	require.Equal(t, "Draft", r.Display("both"))
	require.Equal(t, "global", r.Get("domain"))
	require.True(t, r.Bool("flag"))
	n, ok := r.Int("number")
	require.True(t, ok)
	require.Equal(t, 12, n)
	require.True(t, r.Has("empty"))
	require.True(t, r.Has("both_empty"))
	require.False(t, r.Has("hidden"), "absent is not empty")
	require.Equal(t, time.Date(2026, 10, 1, 12, 30, 0, 0, time.UTC), r.Time("when"))
	require.Equal(t, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), r.Time("day"))
	require.True(t, r.Time("plain").IsZero())
	require.Error(t, json.Unmarshal([]byte(`{"list": ["a"]}`), &r))
}
