package control_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/control"
)

const (
	broken control.Fault = "broken"
	list   control.Route = "list"
	change control.Route = "change"
)

func newFaults() *control.Faults {
	return control.NewFaults([]control.Fault{broken}, []control.Route{list, change})
}

func TestAFaultHitsItsRouteAfterSoManyAndSoOften(t *testing.T) {
	t.Parallel()
	f := newFaults()
	require.NoError(t, f.Inject(control.Injection{Fault: broken, Route: list, After: 1, Times: 2}))
	var hits []bool
	for range 4 {
		hits = append(hits, f.Hits(broken, list))
	}
	require.Equal(t, []bool{false, true, true, false}, hits)
	require.False(t, f.Hits(broken, change))
	require.False(t, f.On(broken), "it is used up")

	require.NoError(t, f.Inject(control.Injection{Fault: broken}))
	require.True(t, f.Hits(broken, change))
	require.True(t, f.On(broken))
	f.Clear()
	require.False(t, f.Hits(broken, change))
	require.Empty(t, f.Active())
}

func TestNothingUnknownIsInjected(t *testing.T) {
	t.Parallel()
	f := newFaults()
	require.ErrorContains(t, f.Inject(control.Injection{Fault: broken}, control.Injection{Fault: "none"}), `no fault "none"`)
	require.ErrorContains(t, f.Inject(control.Injection{Fault: broken, Route: "none"}), `no route "none"`)
	require.Empty(t, f.Active())
}

func TestTheLogKeepsTheLastWrites(t *testing.T) {
	t.Parallel()
	var l control.Log[int]
	for i := range 150 {
		l.Request(change)
		l.Write(i)
	}
	l.Refused()
	l.Failed(errors.New("oops"))
	seen := l.Requests()
	require.Equal(t, 150, seen.Total)
	require.Equal(t, map[control.Route]int{change: 150}, seen.ByRoute)
	require.Len(t, seen.Writes, 100)
	require.Equal(t, 149, seen.Writes[99])
	require.Equal(t, 1, seen.Refused)
	require.Equal(t, []string{"oops"}, seen.Errors)
	l.Request(change)
	require.Equal(t, 150, seen.ByRoute[change], "what was told does not change")
}

// steered is the least double.
type steered struct{ *control.Faults }

func (s steered) ClearFaults() { s.Clear() }

func TestFaultsAreSteeredOverHTTP(t *testing.T) {
	t.Parallel()
	f := newFaults()
	mux := http.NewServeMux()
	f.Handle(mux, steered{f}, func() any { return map[string]int{"total": 7} })
	ask := func(method, path, body string) (int, string) {
		recorder := httptest.NewRecorder()
		mux.ServeHTTP(recorder, httptest.NewRequest(method, "/_double"+path, strings.NewReader(body)))
		return recorder.Code, recorder.Body.String()
	}
	_, body := ask("GET", "/requests", "")
	require.JSONEq(t, `{"total":7}`, body)
	status, _ := ask("POST", "/faults", `{"fault":"broken"}`)
	require.Equal(t, 200, status)
	_, body = ask("POST", "/faults", `[{"fault":"broken","route":"list","times":3}]`)
	require.JSONEq(t, `{"active":[{"fault":"broken"},{"fault":"broken","route":"list","times":3}]}`, body)
	for bad, says := range map[string]string{`no JSON`: "no list of faults", `{"fault":"none"}`: `no fault "none"`} {
		status, body = ask("POST", "/faults", bad)
		require.Equal(t, 400, status)
		require.Contains(t, body, says)
	}
	status, _ = ask("DELETE", "/faults", "")
	require.Equal(t, 204, status)
	_, body = ask("GET", "/faults", "")
	require.JSONEq(t, `{"active":[],"known":["broken"],"routes":["list","change"]}`, body)
}
