package asana_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

func TestExportsInTrouble(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  double.Injection
		fails  connector.Kind // empty where the walk gets through
		says   string
		method string
	}{
		"cut within the file":   {fault: double.Injection{Fault: double.FaultCut, Route: double.RouteFile, Times: 1}},
		"a truncated file":      {fault: double.Injection{Fault: double.FaultTruncated, Route: double.RouteFile, Times: 2}},
		"an expired address":    {fault: double.Injection{Fault: double.FaultExportExpired, Route: double.RouteFile, Times: 2}},
		"always cut":            {fault: double.Injection{Fault: double.FaultCut, Route: double.RouteFile}, fails: connector.KindUnavailable, says: "read the export's file"},
		"a failed job":          {fault: double.Injection{Fault: double.FaultExportFails}, fails: connector.KindUnavailable, says: "the export failed"},
		"another one under way": {fault: double.Injection{Fault: double.FaultExportBusy}, fails: connector.KindUnavailable, says: "one export at a time"},
		"no stories in it":      {fault: double.Injection{Fault: double.FaultExportBare}, fails: connector.KindBadAnswer, says: "none of its records has stories"},
		"an address elsewhere":  {fault: double.Injection{Fault: double.FaultExportForeign}, fails: connector.KindBadAnswer, says: "no https URL"},
		"a web page":            {fault: double.Injection{Fault: double.FaultHTML, Route: double.RouteFile}, fails: connector.KindBadAnswer, says: "record 1 cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 60, c.fault)
			got, walk, err := pull(t.Context(), w.connect(t), lookback, nil)
			if c.fails == "" {
				require.NoError(t, err)
				require.True(t, walk.Complete)
				w.requireSeats(t, w.truth(everyone), got)
				return
			}
			require.Equal(t, c.fails, connector.KindOf(err), "%v", err)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "signature=")
			require.False(t, walk.Complete)
		})
	}
}

func TestAnExportThatWasBegunIsFetchedByTheNextWalk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	ctx := newDeadline(t)
	_, walk, err := pull(ctx, w.connect(t, func(c *connector.Config) {
		c.Transport = counting(func() {
			if w.Requests().ByRoute[double.RouteJob] > 0 {
				ctx.pass()
			}
		})
	}), lookback, nil)
	require.NoError(t, err)
	require.False(t, walk.Complete)
	require.Contains(t, string(walk.Watermark), `"job"`)

	got, walk, err := pull(t.Context(), w.connect(t), lookback, walk.Watermark)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.NotContains(t, string(walk.Watermark), `"job"`)
	require.Equal(t, 1, w.Requests().ByRoute[double.RouteExport])
	w.requireSeats(t, w.truth(everyone), got)

	// One that Asana does not know any more is forgotten.
	var mark map[string]any
	require.NoError(t, json.Unmarshal(walk.Watermark, &mark))
	mark["job"] = map[string]any{"gid": "1270000000000999", "from": lookback, "started": noon}
	forged, err := json.Marshal(mark)
	require.NoError(t, err)
	_, walk, err = pull(t.Context(), w.connect(t), lookback, forged)
	require.Equal(t, connector.KindNotFound, connector.KindOf(err))
	_, _, err = pull(t.Context(), w.connect(t), lookback, walk.Watermark)
	require.NoError(t, err)
}
