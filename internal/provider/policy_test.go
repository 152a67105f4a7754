package provider

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"
)

func TestFreezeWindowModel(t *testing.T) {
	t.Parallel()
	text := types.StringValue
	for name, c := range map[string]struct {
		model freezeWindowModel
		want  string // the window, or part of the error
	}{
		"once":                {freezeWindowModel{From: text("2026-12-18T00:00:00+01:00"), To: text("2027-01-04T00:00:00Z")}, "x (from 2026-12-18T00:00:00+01:00 to 2027-01-04T00:00:00Z)"},
		"whole days":          {freezeWindowModel{Days: []string{"saturday", "sunday"}}, "x (every saturday, sunday from 00:00 to 24:00, UTC)"},
		"hours":               {freezeWindowModel{Days: []string{"monday"}, From: text("09:30"), To: text("10:00"), Timezone: text("America/Lima")}, "x (every monday from 09:30 to 10:00, America/Lima)"},
		"no end":              {freezeWindowModel{From: text("2026-12-18T00:00:00Z")}, `to "" is not a moment`},
		"nothing":             {freezeWindowModel{}, `from "" is not a moment`},
		"a day alone":         {freezeWindowModel{From: text("2026-12-18"), To: text("2026-12-19")}, "is not a moment"},
		"backwards":           {freezeWindowModel{From: text("2026-12-18T00:00:00Z"), To: text("2026-12-18T00:00:00Z")}, "before it begins"},
		"a zone for a moment": {freezeWindowModel{From: text("2026-12-18T00:00:00Z"), To: text("2026-12-19T00:00:00Z"), Timezone: text("UTC")}, "carries its own offset"},
		"over midnight":       {freezeWindowModel{Days: []string{"monday"}, From: text("22:00"), To: text("06:00")}, "one window for each of two days"},
		"a moment with days":  {freezeWindowModel{Days: []string{"monday"}, From: text("2026-12-18T00:00:00Z")}, "is not a time of the day"},
		"24:01":               {freezeWindowModel{Days: []string{"monday"}, To: text("24:01")}, "is not a time of the day"},
		"9:30":                {freezeWindowModel{Days: []string{"monday"}, From: text("9:30")}, "is not a time of the day"},
		"unknown zone":        {freezeWindowModel{Days: []string{"monday"}, Timezone: text("Mars/Olympus")}, "is unknown"},
		"the machine's zone":  {freezeWindowModel{Days: []string{"monday"}, Timezone: text("Local")}, "is unknown"},
	} {
		c.model.Reason = text("x")
		window, err := c.model.window()
		if err != nil {
			require.ErrorContains(t, err, c.want, name)
			continue
		}
		require.Equal(t, c.want, window.String(), name)
	}
	weekend, err := freezeWindowModel{Days: []string{"saturday"}}.window()
	require.NoError(t, err)
	require.True(t, weekend.Covers(time.Date(2026, 11, 28, 23, 59, 59, 0, time.UTC)))
	require.False(t, weekend.Covers(time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)))
}
