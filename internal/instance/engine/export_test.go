package engine

import (
	"context"
	"slices"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

// Wait returns the progress of a run of this engine once it has ended.
func (e *Engine) Wait(ctx context.Context, id string) (companion.Progress, error) {
	if r := e.local(id); r != nil {
		select {
		case <-r.ended:
		case <-ctx.Done():
			return r.snapshot(), ctx.Err()
		}
	}
	return e.Progress(ctx, id)
}

// ExpireEvidence is what retention calls.
var ExpireEvidence = expireEvidence

// Leads tells whether a candidate can come from one state to another by some of these events, each as often as need be.
func Leads(from, to string, events ...string) bool {
	reached := []string{from}
	for i := 0; i < len(reached); i++ {
		for _, ev := range events {
			if next, ok := nextState(reached[i], event(ev)); ok && !slices.Contains(reached, next) {
				reached = append(reached, next)
			}
		}
	}
	return slices.Contains(reached, to)
}
