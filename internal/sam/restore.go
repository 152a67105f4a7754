package sam

import (
	"cmp"
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Restore gives back the licences that the reclaim of the named candidates took (sys_ids, any number) and waits. The outcome
// holds what is known about each candidate that was attempted, also when it comes with an error or the context ended.
func (c *Candidates) Restore(ctx context.Context, r companion.RestoreRequest, say Say) (companion.RestoreOutcome, error) {
	var whole companion.RestoreOutcome
	all := r.Candidates
	r.RunKey, r.RunTotal = cmp.Or(r.RunKey, servicenow.NewSysID()), len(all)
	for start := 0; start < len(all); start += companion.MaxReclaimCandidates {
		r.Candidates = all[start:min(len(all), start+companion.MaxReclaimCandidates)]
		spec := runSpec{
			operation: "restore", object: fmt.Sprintf("%d removal candidates", len(r.Candidates)), path: companion.RestorePath(), body: r,
		}
		var part companion.RestoreOutcome
		_, err := c.c.run(ctx, spec, &part, numbered(say, start, len(r.Candidates), len(all)))
		whole.Run = cmp.Or(part.Run, whole.Run)
		whole.Items = append(whole.Items, part.Items...)
		whole.Warnings = appendNew(whole.Warnings, part.Warnings)
		if err != nil {
			return whole, err
		}
	}
	return whole, nil
}
