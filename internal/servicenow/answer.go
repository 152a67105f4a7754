package servicenow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

// Answer stores an answer about a removal candidate over the companion routes. It is not sent twice. ErrNoRoute means that
// the companion app is not installed.
func (c *Client) Answer(ctx context.Context, candidate string, r companion.AnswerRequest) (companion.Answered, error) {
	var answered companion.Answered
	a, err := c.do(ctx, request{method: http.MethodPost, path: companion.AnswerPath(candidate), body: r})
	if err != nil {
		return answered, err
	}
	if err := json.Unmarshal(a.result, &answered); err != nil {
		return answered, fmt.Errorf("decode the answered candidate: %w", err)
	}
	return answered, nil
}
