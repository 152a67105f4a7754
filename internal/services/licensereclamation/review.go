package licensereclamation

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// review says who would lose a licence.
type review struct {
	profile, profileType string
	currency             string
	limit                int64
	remark               string // what comes after the total
	family               dictionary.ReleaseFamily
}

// warning has a line per person, in groups of why; names are those of the people, by sys_id of the candidate.
func (r review) warning(chosen []candidate, names map[string]string) diag.Diagnostic {
	var b strings.Builder
	fmt.Fprintf(&b, "Applying this plan reclaims %s of the integration profile %q:\n", licences(len(chosen)), r.profile)
	b.WriteString(r.lines(chosen, names))
	fmt.Fprintf(&b, "\nTotal: %d of at most %d%s. %s", len(chosen), r.limit, r.savings(chosen), r.remark)
	if asked := count(chosen, func(c candidate) bool { return c.AsksUser }); asked > 0 {
		fmt.Fprintf(&b, "\n\n%d of these people are asked first, and no licence of theirs goes before they answered or the time to answer is "+
			"over.", asked)
	}
	if t, ok := dictionary.ProfileTypeByValue(r.family, r.profileType); ok {
		fmt.Fprintf(&b, "\n\nWhat it does to them: %s", t.ReclaimEffect)
		if t.RestoreEffect != "" {
			fmt.Fprintf(&b, "\n\nWhat an undo gives back: %s", t.RestoreEffect)
		}
	}
	return diag.NewWarningDiagnostic("Review: this plan reclaims "+licences(len(chosen)), b.String())
}

// lines are the people in aligned columns. Groups are in the order of their first candidate, and people who left come first.
func (r review) lines(chosen []candidate, names map[string]string) string {
	var order []string
	groups := map[string][]candidate{}
	for _, c := range chosen {
		group := c.group()
		if groups[group] == nil {
			order = append(order, group)
		}
		groups[group] = append(groups[group], c)
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, group := range order {
		fmt.Fprintf(w, "\n%s (%d):\n", group, len(groups[group]))
		for _, c := range groups[group] {
			_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\n", c.Number, names[c.SysID], c.Product, c.idle(), r.amount(c.PotentialSavings), c.hint())
		}
	}
	_ = w.Flush() // to memory
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// group is why a licence goes, as a heading.
func (c candidate) group() string {
	switch {
	case c.Leaver:
		return "People who left"
	case attemptTexts[c.Attempt] != "":
		return attemptTexts[c.Attempt]
	}
	for _, j := range dictionary.JustificationChoices() {
		if strings.EqualFold(j.Value, c.Justification) {
			return j.Label
		}
	}
	return c.Justification
}

// hint is what a reader must know of one line apart from its group.
func (c candidate) hint() string {
	var hints []string
	if c.Leaver && c.Attempt != attemptFirst {
		hints = append(hints, c.Attempt)
	}
	if c.AsksUser {
		hints = append(hints, "asked first")
	}
	if len(hints) == 0 {
		return ""
	}
	return "(" + strings.Join(hints, ", ") + ")"
}

// amount writes money as people read it; empty where there is none.
func (r review) amount(text string) string {
	amount, err := sam.ParseAmount(text)
	if err != nil || amount.Equal(sam.Amount{}) {
		return ""
	}
	decimal := amount.String()
	if whole, fraction, _ := strings.Cut(decimal, "."); len(fraction) < 2 {
		decimal = whole + "." + (fraction + "00")[:2]
	}
	return strings.TrimSpace(decimal + " " + r.currency)
}

func (r review) savings(chosen []candidate) string {
	if amount := r.amount(totalSavings(chosen)); amount != "" {
		return ", potential savings " + amount
	}
	return ""
}

// totalSavings adds the potential savings up. What is no amount counts as none.
func totalSavings(chosen []candidate) string {
	var total sam.Amount
	for _, c := range chosen {
		if amount, err := sam.ParseAmount(c.PotentialSavings); err == nil {
			total = total.Add(amount)
		}
	}
	return total.String()
}

func count(candidates []candidate, is func(candidate) bool) int {
	n := 0
	for c := range slices.Values(candidates) {
		if is(c) {
			n++
		}
	}
	return n
}

func licences(n int) string {
	if n == 1 {
		return "1 licence"
	}
	return fmt.Sprintf("%d licences", n)
}

func more(n int) string {
	if n == 1 {
		return "1 more is"
	}
	return fmt.Sprintf("%d more are", n)
}

func (c candidate) idle() string {
	switch {
	case informedOnly(c.Justification):
		return "taken also if active"
	case c.InactiveDays == nil:
		return "no activity seen"
	case *c.InactiveDays == 1:
		return "inactive for 1 day"
	}
	return fmt.Sprintf("inactive for %d days", *c.InactiveDays)
}
