package engine

import (
	"context"

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
