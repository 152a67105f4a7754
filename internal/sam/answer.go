package sam

import (
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

// Answer tells the instance what the user of a candidate, or its assignment group, says. The candidate is named by sys_id or, on
// the embedded instance, number. An answer that its state does not wait for is an error that names the state.
// ErrNoCompanion means that the answer is given in ServiceNow.
func (c *Candidates) Answer(ctx context.Context, candidate string, r companion.AnswerRequest) (companion.Answered, error) {
	answered, err := c.c.rest.Answer(ctx, candidate, r)
	if err != nil {
		return answered, fmt.Errorf("answer %s for removal candidate %s: %w", r.Answer, candidate, err)
	}
	return answered, nil
}
