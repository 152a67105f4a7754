package licensereclamation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// refuseByPolicy fails before anything is sent where the policy forbids every reclaim: here, now, or with this evidence.
func refuseByPolicy(ctx context.Context, meta *tfkit.Meta, instance sam.Instance, evidence types.Object, object string) diag.Diagnostics {
	diags := refuseInstance(meta, instance.ID, object)
	diags.Append(refuseFrozen(meta, object)...)
	diags.Append(refuseWithoutChange(ctx, meta, evidence, object)...)
	return diags
}

// refuseWithoutChange fails where the policy asks for a change reference and the evidence has none.
func refuseWithoutChange(ctx context.Context, meta *tfkit.Meta, evidence types.Object, object string) diag.Diagnostics {
	if meta == nil || !meta.Policy.RequireChangeReference {
		return nil
	}
	given, diags := evidenceOf(ctx, evidence, meta.Evidence)
	if strings.TrimSpace(given.ChangeReference) == "" {
		diags.AddAttributeError(path.Root("evidence"), "A change reference is required", fmt.Sprintf(
			"Reclaiming for the %s: the provider's reclamation_policy requires a change reference (require_change_reference), and there is "+
				"none. Set evidence.change_reference to the number of the change or ticket, or give it in the environment of plan and apply.", object))
	}
	return diags
}

// refuseInstance fails on an instance on which the policy does not allow reclaims, such as a clone of production.
func refuseInstance(meta *tfkit.Meta, instanceID, object string) diag.Diagnostics {
	if meta.MayReclaim(instanceID) {
		return nil
	}
	name := instanceID
	if meta.Host != "" && meta.Host != instanceID {
		name = fmt.Sprintf("%s (%s)", meta.Host, instanceID)
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("Nothing may be reclaimed on this instance", fmt.Sprintf(
		"Reclaiming for the %s: allowed_instances of the provider's reclamation_policy does not list the instance %s. A clone of a production "+
			"instance reaches the same vendor accounts as production does. If licences are to be reclaimed here, add the instance to the list.",
		object, name))}
}

// refuseFrozen fails in a freeze window.
func refuseFrozen(meta *tfkit.Meta, object string) diag.Diagnostics {
	window := meta.Policy.Frozen(meta.Now())
	if window == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("Nothing may be reclaimed now", fmt.Sprintf(
		"Reclaiming for the %s: it is a freeze window of the provider's reclamation_policy, %s. Nothing was reclaimed. Apply again "+
			"afterwards; a plan that is too old by then is refused and must be made anew.", object, window))}
}

// warnFrozen tells while planning that an apply would be refused now.
func warnFrozen(meta *tfkit.Meta) diag.Diagnostics {
	window := meta.Policy.Frozen(meta.Now())
	if window == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("An apply would be refused now", fmt.Sprintf(
		"It is a freeze window of the provider's reclamation_policy, %s. Until it ends, an apply of this plan reclaims nothing and fails.",
		window))}
}

// refuseUnknownGroups fails where a protected group does not exist: a misspelt one would protect nobody.
func refuseUnknownGroups(names []string, object string) diag.Diagnostics {
	if len(names) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("Unknown protected groups", fmt.Sprintf(
		"Planning the %s: the instance has no group of this name or sys_id, or hides it from this user, so that nobody can say who is "+
			"in it:\n  %s\n\nCorrect protected_groups of the provider's reclamation_policy.", object, strings.Join(names, "\n  ")))}
}

// reclaimed reclaims as the request says. What the policy asks of whom and of how many an embedded instance holds each licence
// against by itself; elsewhere it is looked up here, right before the request.
func reclaimed(
	ctx context.Context, client *sam.Client, meta *tfkit.Meta, instance sam.Instance, request companion.ReclaimRequest, say sam.Say,
) (companion.ReclaimOutcome, error) {
	if instance.Kind == companion.KindEmbedded {
		return client.Candidates.Reclaim(ctx, request, say)
	}
	spared, err := screen(ctx, client, meta, &request)
	if err != nil || len(request.Candidates) == 0 {
		return companion.ReclaimOutcome{Items: spared}, err
	}
	outcome, err := client.Candidates.Reclaim(ctx, request, say)
	outcome.Items = append(spared, outcome.Items...)
	return outcome, err
}

// screen takes those out of a request whom the policy protects by now, and those beyond the daily maximum.
func screen(ctx context.Context, client *sam.Client, meta *tfkit.Meta, request *companion.ReclaimRequest) ([]companion.ReclaimItem, error) {
	var found []sam.Candidate
	for c, err := range client.Candidates.All(ctx, sam.CandidateFilter{SysIDs: request.Candidates}) {
		if err != nil {
			return nil, fmt.Errorf("read the candidates once more: %w", err)
		}
		found = append(found, c)
	}
	g, err := newGuard(ctx, client, meta, found)
	if err != nil {
		return nil, fmt.Errorf("look up whom the reclamation policy protects: %w", err)
	}
	if len(g.unknownGroups) > 0 {
		return nil, fmt.Errorf("protected_groups names groups that the instance does not have: %s", strings.Join(g.unknownGroups, ", "))
	}
	left := len(found)
	if meta.Policy.DailyMaximum > 0 {
		gone, err := goneToday(ctx, client, meta.Now())
		if err != nil {
			return nil, fmt.Errorf("count the licences that went today: %w", err)
		}
		left = max(0, meta.Policy.DailyMaximum-gone)
	}
	return g.screen(found, left, request), nil
}

// screen keeps the first left candidates of a request that the policy does not protect, in the order of the request.
func (g guard) screen(found []sam.Candidate, left int, request *companion.ReclaimRequest) (spared []companion.ReclaimItem) {
	byID := map[string]sam.Candidate{}
	for _, c := range found {
		byID[c.SysID] = c
	}
	request.Candidates = slices.DeleteFunc(slices.Clone(request.Candidates), func(id string) bool {
		c, ok := byID[id]
		item := companion.ReclaimItem{Candidate: id, Number: c.Number}
		switch {
		case !ok:
			return false // the instance says that it is gone
		case g.judge(c) != free:
			item.Outcome, item.Message = companion.OutcomeSkippedProtected, "The reclamation policy protects the user, or may mean this user."
		case left == 0:
			item.Outcome, item.Message = companion.OutcomeDeferred, "The daily maximum is reached. The licence waits for another day."
		default:
			left--
			return false
		}
		spared = append(spared, item)
		return true
	})
	return spared
}
