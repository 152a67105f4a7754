package tfkit

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Policy is the reclamation policy of the provider block: what holds for every reclaim, whatever a plan says. The zero
// value forbids nothing.
type Policy struct {
	// AllowedInstances lists the ids, hosts or URLs of the instances on which licences may be reclaimed; nil means all.
	AllowedInstances []string
	// DailyMaximum is the most licences that may go on one day (UTC) on the whole instance; 0 means no maximum.
	DailyMaximum           int
	FreezeWindows          []FreezeWindow
	Users                  []Protection // by mail address, user name or the vendor's user id
	Groups                 []Protection // by name or sys_id
	RequireChangeReference bool
}

// Protection is one entry of the users or groups who must not lose a licence.
type Protection struct {
	Name      string
	Reason    string
	ExpiresOn time.Time // zero: never; the last day on which the entry protects
}

// Expired tells whether the entry no longer protects.
func (p Protection) Expired(now time.Time) bool {
	return !p.ExpiresOn.IsZero() && !now.Before(p.ExpiresOn.AddDate(0, 0, 1))
}

// ProtectedUsers lists the users whom the policy protects at a time.
func (p Policy) ProtectedUsers(now time.Time) []string { return inForce(p.Users, now) }

// ProtectedGroups lists the groups whose members the policy protects at a time.
func (p Policy) ProtectedGroups(now time.Time) []string { return inForce(p.Groups, now) }

func inForce(entries []Protection, now time.Time) []string {
	var names []string
	for _, e := range entries {
		if !e.Expired(now) {
			names = append(names, e.Name)
		}
	}
	return names
}

// FreezeWindow is a time in which nothing is reclaimed: from one moment to another, or the same hours of some days of
// every week.
type FreezeWindow struct {
	Reason   string
	From, To time.Time // once, To excluded; zero with Days

	Days                 []time.Weekday
	FromMinute, ToMinute int // of the day, ToMinute excluded
	Zone                 *time.Location
}

// Covers tells whether a time is within the window. Clock times are those of the window's time zone, also on the days on
// which its clocks change.
func (w FreezeWindow) Covers(now time.Time) bool {
	if len(w.Days) == 0 {
		return !now.Before(w.From) && now.Before(w.To)
	}
	local := now.In(w.Zone)
	minute := local.Hour()*60 + local.Minute()
	return slices.Contains(w.Days, local.Weekday()) && w.FromMinute <= minute && minute < w.ToMinute
}

// String says when the window is and why.
func (w FreezeWindow) String() string {
	if len(w.Days) == 0 {
		return fmt.Sprintf("%s (from %s to %s)", w.Reason, w.From.Format(time.RFC3339), w.To.Format(time.RFC3339))
	}
	var days []string
	for _, d := range w.Days {
		days = append(days, strings.ToLower(d.String()))
	}
	return fmt.Sprintf("%s (every %s from %s to %s, %s)", w.Reason, strings.Join(days, ", "), clock(w.FromMinute), clock(w.ToMinute), w.Zone)
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// Frozen finds the window that covers a time; nil where none does.
func (p Policy) Frozen(now time.Time) *FreezeWindow {
	for i := range p.FreezeWindows {
		if p.FreezeWindows[i].Covers(now) {
			return &p.FreezeWindows[i]
		}
	}
	return nil
}

// MayReclaim tells whether the policy allows reclaims on the instance with this id.
func (m *Meta) MayReclaim(instanceID string) bool {
	if m.Policy.AllowedInstances == nil {
		return true
	}
	return slices.ContainsFunc(m.Policy.AllowedInstances, func(entry string) bool {
		entry = hostOf(entry)
		return entry != "" && (strings.EqualFold(entry, instanceID) || strings.EqualFold(entry, m.Host))
	})
}

// hostOf is an id or a host as it stands, and the host of a URL.
func hostOf(entry string) string {
	entry = strings.TrimSpace(entry)
	if u, err := url.Parse(entry); err == nil && u.Host != "" {
		entry = u.Host
	}
	return strings.TrimSuffix(entry, ":443")
}
