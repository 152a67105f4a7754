package engine

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// checkLookback holds a rolling look-back to what the vendor's activity goes back; 0 is none.
func checkLookback(c *change, t dictionary.ProfileType, days int) error {
	const rule = "Look-back is limited"
	switch {
	case days == 0:
		return nil
	case !t.ActivitySubflow:
		return c.refuse(rule, "%s has no activity subflow, so there is no look-back to set: its activity comes with the subscriptions", t.Label)
	case days < 1 || days > t.LookbackDays:
		return c.refuse(rule, "activity_lookback_days is %d; for %s it is between 1 and %d", days, t.Label, t.LookbackDays)
	}
	return nil
}

// lookback is since when the activity of a profile is looked at: so many days back, or since a time. A time that has aged
// beyond what the vendor's activity goes back moves along.
func lookback(profile store.Row, p companion.CustomProperties, t dictionary.ProfileType, now time.Time) time.Time {
	if p.ActivityLookbackDays > 0 {
		return now.AddDate(0, 0, -p.ActivityLookbackDays)
	}
	earliest := now.AddDate(0, 0, -t.LookbackDays)
	if from, ok := parseDateTime(profile[dictionary.ProfileAnalyzeFrom]); ok && from.After(earliest) {
		return from
	}
	return earliest
}

// thresholdWarnings tells where a reclamation rule looks further back than activity does: people who were last active in
// between have no sign of activity.
func thresholdWarnings(ctx context.Context, tx *store.Tx, profile store.Row, t dictionary.ProfileType, products []product) ([]string, error) {
	if !pullsActivity(profile, t) {
		return nil, nil
	}
	properties, err := parseProperties(profile[dictionary.ProfileCustomProperties])
	if err != nil {
		return nil, err
	}
	since := lookback(profile, properties, t, tx.Now())
	var warnings []string
	for _, p := range products {
		rule, err := ruleOf(ctx, tx, p.id)
		if err != nil {
			return nil, err
		}
		days, _ := strconv.Atoi(rule[dictionary.RuleThresholdDays])
		if formatDate(tx.Now().AddDate(0, 0, -days)) < formatDate(since) {
			warnings = append(warnings, fmt.Sprintf("The reclamation rule %q calls a user stale after %d days, but activity is looked at since %s only, %d days back. "+
				"Shorten the threshold or lengthen the look-back.", rule[dictionary.RuleName], days, formatDate(since), int(tx.Now().Sub(since).Hours()/24)))
		}
	}
	return warnings, nil
}

// pullsActivity tells whether a profile has an activity job of its own.
func pullsActivity(profile store.Row, t dictionary.ProfileType) bool {
	return t.ActivitySubflow && isTrue(profile[dictionary.ProfileDownloadActivity])
}
