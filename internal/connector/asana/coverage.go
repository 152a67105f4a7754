package asana

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// span is a stretch of time, From included and To not.
type span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// coverage is which times were seen, the newest first, without overlap.
//
// For tasks it holds because of when they were last modified: a task whose time lies in a covered span was read after
// that time, and whatever happens to it later moves it to a later time.
type coverage []span

// add puts a span in and joins it with those it touches.
func (c coverage) add(s span) coverage {
	if !s.To.After(s.From) {
		return c
	}
	var joined coverage
	for _, old := range c {
		if old.To.Before(s.From) || old.From.After(s.To) {
			joined = append(joined, old)
			continue
		}
		if old.From.Before(s.From) {
			s.From = old.From
		}
		if old.To.After(s.To) {
			s.To = old.To
		}
	}
	joined = append(joined, s)
	slices.SortFunc(joined, func(a, b span) int { return b.From.Compare(a.From) })
	return joined
}

// missing are the spans of a stretch of time that were not seen, the newest first.
func (c coverage) missing(within span) []span {
	var gaps []span
	top := within.To
	for _, s := range c {
		if s.To.Before(top) && top.After(within.From) {
			gaps = append(gaps, span{From: later(s.To, within.From), To: top})
		}
		if s.From.Before(top) {
			top = s.From
		}
	}
	if top.After(within.From) {
		gaps = append(gaps, span{From: within.From, To: top})
	}
	return gaps
}

// trim forgets what lies before a time, so that the record does not grow with the years.
func (c coverage) trim(from time.Time) coverage {
	var kept coverage
	for _, s := range c {
		if s.To.After(from) {
			kept = append(kept, span{From: later(s.From, from), To: s.To})
		}
	}
	return kept
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// watermark is how far walks came, by source.
type watermark struct {
	Workspace string     `json:"workspace"`
	Export    coverage   `json:"export,omitempty"`
	Stories   coverage   `json:"stories,omitempty"`
	Audit     coverage   `json:"audit_log,omitempty"`
	Job       *exportJob `json:"job,omitempty"`
	// Seen tells whether a sign of activity was ever found.
	Seen bool `json:"seen,omitempty"`
}

// exportJob is an export that was begun.
type exportJob struct {
	GID     string    `json:"gid"`
	From    time.Time `json:"from"`
	Started time.Time `json:"started"`
}

// readWatermark takes over what an earlier walk left. One that cannot be read, or is about another organisation, means to
// begin again.
func readWatermark(stored connector.Watermark, workspace string) *watermark {
	var w watermark
	if json.Unmarshal(stored, &w) != nil || w.Workspace != workspace {
		w = watermark{}
	}
	w.Workspace = workspace
	return &w
}

func (w *watermark) store(since time.Time) connector.Watermark {
	w.Export, w.Stories, w.Audit = w.Export.trim(since), w.Stories.trim(since), w.Audit.trim(since)
	stored, err := json.Marshal(w)
	if err != nil {
		return nil // cannot happen: times of this century and strings
	}
	return stored
}
