package sam

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// runSpec names a run for error texts and says how to start it.
type runSpec struct {
	operation string // such as "refresh"
	object    string // such as "integration profile 0a1b…"
	path      string
	body      any
}

// run starts a run, waits for its end and decodes its outcome, also when it failed or the context ended: the outcome then
// holds what was done until then.
func (c *Client) run(ctx context.Context, spec runSpec, outcome any, say Say) (companion.Progress, error) {
	progress, err := c.rest.Start(ctx, spec.path, spec.body, servicenow.NewSysID())
	if err != nil {
		return progress, fmt.Errorf("start %s of %s: %w", spec.operation, spec.object, err)
	}
	progress, err = c.rest.Wait(ctx, progress, say)
	if err != nil {
		err = fmt.Errorf("%s of %s: %w", spec.operation, spec.object, err)
	}
	if len(progress.Outcome) > 0 {
		if decodeErr := json.Unmarshal(progress.Outcome, outcome); decodeErr != nil {
			return progress, errors.Join(err, fmt.Errorf("decode outcome of %s of %s: %w", spec.operation, spec.object, decodeErr))
		}
	}
	if err == nil && progress.Status != companion.StatusSuccessful {
		err = runError(spec, progress)
	}
	return progress, err
}

func runError(spec runSpec, p companion.Progress) *RunError {
	message := p.Error
	if message == "" {
		message = p.StatusMessage
	}
	return &RunError{
		Operation: spec.operation, Object: spec.object, RunID: p.Links.Progress.ID,
		Canceled: p.Status == companion.StatusCanceled, Message: message, Detail: p.StatusDetail,
	}
}
