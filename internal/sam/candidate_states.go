package sam

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// candidateStates translates between the state numbers of the dictionary, which are mostly assumed, and those of the
// instance. The labels are documented, so they decide.
type candidateStates struct {
	ours   map[string]string // instance's value → ours
	theirs map[string]string // our value → instance's
}

func (s *candidateStates) fromInstance(value, label string) string {
	for _, state := range dictionary.CandidateStates() {
		if strings.EqualFold(state.Label, label) {
			return state.Value
		}
	}
	if ours, ok := s.ours[value]; ok {
		return ours
	}
	return value
}

func (s *candidateStates) toInstance(value string) string {
	if theirs, ok := s.theirs[value]; ok {
		return theirs
	}
	return value
}

// candidateStates reads the choice list of the instance once. The embedded instance uses the dictionary's own numbers.
func (c *Client) candidateStates(ctx context.Context) (*candidateStates, error) {
	embedded, err := c.embedded(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.states != nil {
		return c.states, nil
	}
	states := &candidateStates{ours: map[string]string{}, theirs: map[string]string{}}
	if !embedded {
		if err := c.readChoices(ctx, states); err != nil {
			return nil, err
		}
	}
	c.states = states
	return states, nil
}

func (c *Client) readChoices(ctx context.Context, states *candidateStates) error {
	const table, name, element, language, value, label = "sys_choice", "name", "element", "language", "value", "label"
	query := servicenow.Where(servicenow.Eq(name, dictionary.TableCandidate), servicenow.Eq(element, dictionary.CandidateState),
		servicenow.Eq(language, "en"))
	choices := c.rest.All(ctx, table, query, servicenow.WalkOptions{ReadOptions: servicenow.ReadOptions{Fields: []string{value, label}}})
	for choice, err := range choices {
		switch {
		case errors.Is(err, ErrDenied), errors.Is(err, ErrInvalidTable):
			return nil // the dictionary's numbers are the best that is left
		case err != nil:
			return fmt.Errorf("read the states of removal candidates: %w", err)
		}
		ours := states.fromInstance(choice.Get(value), choice.Get(label))
		states.ours[choice.Get(value)] = ours
		states.theirs[ours] = choice.Get(value)
	}
	return nil
}
