package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	servicenowsam "github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

type restoreOptions struct {
	target
	candidates []string
	evidence   companion.Evidence
}

func restoreCommand() *cobra.Command {
	var o restoreOptions
	cmd := &cobra.Command{
		Use:   "restore --candidate NUMBER --reason TEXT",
		Short: "Give reclaimed licences back",
		Long: "Undoes the reclaim of removal candidates: the vendor gives the licences back as they were stored before they were taken, " +
			"and says what does not come back. The undo counts as a sign of life, so the person is no candidate again at once. " +
			"It can be interrupted and run again.\n\n" +
			"On a ServiceNow instance nothing can be undone from here: the command writes nothing, and prints the steps.\n\n" +
			"The exit code is not zero when one licence was not given back.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			return restore(ctx, o, os.Stdout, os.Stderr)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringArrayVar(&o.candidates, "candidate", nil, "number of the removal candidate, such as RCC0000001; may be given several times")
	cmd.Flags().StringVar(&o.evidence.Reason, "reason", "", "why the licences are given back; goes into the evidence")
	for _, flag := range []struct {
		value           *string
		name, use, from string
	}{
		{&o.evidence.ApprovedBy, "approved-by", "who approved it", servicenowsam.EnvApprovedBy},
		{&o.evidence.ChangeReference, "change", "change reference", servicenowsam.EnvChangeReference},
		{&o.evidence.RunURL, "run-url", "address of the CI run", servicenowsam.EnvRunURL},
	} {
		cmd.Flags().StringVar(flag.value, flag.name, os.Getenv(flag.from), flag.use+" (environment: "+flag.from+")")
	}
	return cmd
}

// restore gives licences back, or tells how where it cannot.
func restore(ctx context.Context, o restoreOptions, out, log io.Writer) (err error) {
	if len(o.candidates) == 0 {
		return errors.New("no candidate is named; use --candidate with its number, such as RCC0000001")
	}
	if strings.TrimSpace(o.evidence.Reason) == "" {
		return errors.New("no reason is given; say with --reason why the licences are given back")
	}
	c, err := o.connect(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	groups, err := groupByProfile(ctx, c, o.candidates)
	if err != nil {
		return err
	}
	if c.instance.Kind != companion.KindEmbedded {
		return printSteps(c, groups, o.evidence, out)
	}
	back, named := 0, 0
	for _, group := range groups {
		named += len(group.candidates)
		n, err := restoreGroup(ctx, c, group, o.evidence, out, log)
		back += n
		if err != nil {
			return fmt.Errorf("%d of %d licences were given back before: %w", back, len(o.candidates), err)
		}
	}
	if back < named {
		return fmt.Errorf("%d of %d licences were not given back; the lines above say why", named-back, named)
	}
	return nil
}

// profileGroup is the named candidates of one integration profile.
type profileGroup struct {
	profile    sam.Profile // only its sys_id where it does not exist any more
	vendor     dictionary.ProfileType
	candidates []sam.Candidate
}

// label is how people know where the licences are.
func (g profileGroup) label() string {
	return cmp.Or(g.profile.DisplayName, "a deleted integration profile")
}

// groupByProfile finds the candidates, and fails where one does not exist: then nothing is restored at all.
func groupByProfile(ctx context.Context, c connected, numbers []string) ([]profileGroup, error) {
	numbers = slices.Compact(slices.Sorted(slices.Values(numbers)))
	byProfile := map[string]*profileGroup{}
	var order []*profileGroup
	missing := slices.Clone(numbers)
	for candidate, err := range c.Candidates.All(ctx, sam.CandidateFilter{Numbers: numbers}) {
		if err != nil {
			return nil, fmt.Errorf("look up the candidates: %w", err)
		}
		missing = slices.DeleteFunc(missing, func(number string) bool { return strings.EqualFold(number, candidate.Number) })
		group := byProfile[candidate.ProfileSysID]
		if group == nil {
			group = &profileGroup{profile: sam.Profile{SysID: candidate.ProfileSysID}}
			byProfile[candidate.ProfileSysID] = group
			order = append(order, group)
		}
		group.candidates = append(group.candidates, candidate)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("there is no removal candidate %s; nothing was given back", strings.Join(missing, ", "))
	}
	var groups []profileGroup
	for _, group := range order {
		slices.SortFunc(group.candidates, func(a, b sam.Candidate) int { return cmp.Compare(a.Number, b.Number) })
		profile, err := c.Profiles.Get(ctx, group.profile.SysID)
		switch {
		case err == nil:
			group.profile = profile
			group.vendor, _ = dictionary.ProfileTypeByValue(c.instance.ReleaseFamily, profile.ProfileType)
		case group.profile.SysID != "" && !errors.Is(err, sam.ErrNotFound):
			return nil, fmt.Errorf("read the integration profile of the candidate %s: %w", group.candidates[0].Number, err)
		}
		groups = append(groups, *group)
	}
	slices.SortFunc(groups, func(a, b profileGroup) int { return cmp.Compare(a.candidates[0].Number, b.candidates[0].Number) })
	return groups, nil
}

// restoreGroup gives back the licences of one profile and tells how many people hold theirs then.
func restoreGroup(ctx context.Context, c connected, g profileGroup, evidence companion.Evidence, out, log io.Writer) (back int, err error) {
	request := companion.RestoreRequest{Evidence: evidence}
	for _, candidate := range g.candidates {
		request.Candidates = append(request.Candidates, candidate.SysID)
	}
	outcome, err := c.Candidates.Restore(ctx, request, func(line string) { _, _ = fmt.Fprintln(log, line) })
	for _, warning := range outcome.Warnings {
		_, _ = fmt.Fprintln(log, "Warning:", warning)
	}
	slices.SortFunc(outcome.Items, func(a, b companion.RestoreItem) int { return cmp.Compare(a.Number, b.Number) })
	if outcome.Run.Name != "" {
		_, _ = fmt.Fprintf(out, "%s, run %s:\n", g.label(), outcome.Run.Name)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, item := range outcome.Items {
		if item.Outcome.Held() {
			back++
		}
		_, _ = fmt.Fprintf(table, "  %s\t%s\t%s\n", item.Number, item.Outcome, item.Message)
		for _, lost := range item.Lost {
			_, _ = fmt.Fprintf(table, "  \tlost\t%s\n", lost)
		}
	}
	return back, errors.Join(err, table.Flush())
}

// printSteps tells how people give licences back that a ServiceNow instance reclaimed.
func printSteps(c connected, groups []profileGroup, evidence companion.Evidence, out io.Writer) error {
	var b strings.Builder
	b.WriteString("Nothing was written: on a ServiceNow instance a reclaim cannot be undone from here. These steps give the licences back.\n")
	for _, g := range groups {
		fmt.Fprintf(&b, "\n%s\n", g.label())
		if g.vendor.RestoreEffect != "" {
			fmt.Fprintf(&b, "  What comes back: %s\n", g.vendor.RestoreEffect)
		}
		b.WriteString("  1. Open each candidate. Its User field says whose licence it was:\n")
		for _, candidate := range g.candidates {
			fmt.Fprintf(&b, "       %s (%s)  https://%s/%s.do?sys_id=%s\n", candidate.Number, candidate.StateLabel, c.instance.Host,
				dictionary.TableCandidate, candidate.SysID)
		}
		fmt.Fprintf(&b, "  2. %s\n", cmp.Or(g.vendor.RestoreByHand, "Give the licence back at the vendor."))
		fmt.Fprintf(&b, "  3. Run the job \"SAM - Refresh %s Subscriptions\" (Execute Now), so that the subscriptions are listed again.\n", g.profile.DisplayName)
		b.WriteString("  4. A person who stays away becomes a candidate again. Close Skipped ends such a candidate.\n")
		fmt.Fprintf(&b, "  5. Add to the work notes of each candidate:\n       %s\n", inWords(evidence))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// inWords is the evidence as people write it down.
func inWords(e companion.Evidence) string {
	text := "Given back. Reason: " + e.Reason
	for _, part := range []struct{ label, value string }{{"Change", e.ChangeReference}, {"Approved by", e.ApprovedBy}, {"Run", e.RunURL}} {
		if part.value != "" {
			text += ". " + part.label + ": " + part.value
		}
	}
	return text
}
