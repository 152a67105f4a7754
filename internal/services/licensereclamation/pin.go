package licensereclamation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// Values of removals.attempt.
const (
	attemptFirst  = "first"
	attemptRetry  = "retry"
	attemptResume = "resume"
)

// pin is the candidates that can be acted on, as Read saw them. Times and counts are set only while there are any, so
// that an idle resource refreshes byte-identical.
type pin struct {
	SeenAt      string      `json:"seen_at,omitempty"` // RFC 3339
	ProfileType string      `json:"profile_type,omitempty"`
	Profile     string      `json:"profile,omitempty"` // display name
	Protected   int         `json:"protected,omitempty"`
	Doubtful    int         `json:"doubtful,omitempty"`   // perhaps protected: the mail address is hidden
	Candidates  []candidate `json:"candidates,omitempty"` // by number
}

type candidate struct {
	SysID            string `json:"sys_id"`
	Number           string `json:"number"`
	UserSysID        string `json:"user,omitempty"`
	Subscription     string `json:"subscription,omitempty"` // sys_id
	UserMark         string `json:"user_mark,omitempty"`    // whose licence it is, see companion.UserMark
	Product          string `json:"product"`
	Justification    string `json:"justification"`
	InactiveDays     *int   `json:"inactive_days,omitempty"`
	PotentialSavings string `json:"potential_savings,omitempty"`
	Attempt          string `json:"attempt"`
	Person           string `json:"person,omitempty"` // only with include_personal_data
}

func newCandidate(c sam.Candidate, attempt string) candidate {
	return candidate{
		SysID: c.SysID, Number: c.Number, UserSysID: c.UserSysID, Subscription: c.SubscriptionSysID,
		UserMark: companion.UserMark(c.SysID, c.ExternalUserID), Product: c.Product, Justification: c.Justification,
		InactiveDays: c.InactiveDays, PotentialSavings: c.PotentialSavings, Attempt: attempt,
	}
}

var pinnedCandidates = tfkit.Pin[pin]{Key: "candidates"}

// retryable outcomes leave a candidate that a later run of this resource may act on again.
func retryable(o companion.Outcome) bool {
	return o == companion.OutcomeFailed || o == companion.OutcomeDenied || o == companion.OutcomeManagedElsewhere
}

// settled outcomes leave a candidate Ready that would only be skipped again.
func settled(o companion.Outcome) bool {
	return o == companion.OutcomeSkippedSelf || o == companion.OutcomeSkippedAdmin
}

// attempt tells whether a candidate can be acted on, and as what. Of the candidates in trouble only our own come back: a
// ServiceNow administrator's are for the administrator.
func attempt(c sam.Candidate, kind string, earlier map[string]companion.Outcome) (string, bool) {
	last, ours := earlier[c.Number]
	switch {
	case settled(last):
		return "", false
	case c.State == dictionary.StateReady && retryable(last):
		return attemptRetry, true
	case c.State == dictionary.StateReady:
		return attemptFirst, true
	case c.State == dictionary.StateAttentionRequired && (retryable(last) || kind == companion.KindEmbedded && c.ErrorMessage != ""):
		return attemptRetry, true
	case c.State == dictionary.StateAwaitingRevocation && (ours || kind == companion.KindEmbedded):
		return attemptResume, true
	}
	return "", false
}

// observe collects the candidates that a plan may name.
func (r *reclamationResource) observe(
	ctx context.Context, client *sam.Client, kind string, profile sam.Profile, personalData bool,
	earlier map[string]companion.Outcome,
) (pin, error) {
	var found []sam.Candidate
	attempts := map[string]string{}
	filter := sam.CandidateFilter{ProfileSysID: profile.SysID, States: []string{
		dictionary.StateReady, dictionary.StateAttentionRequired, dictionary.StateAwaitingRevocation,
	}}
	for c, err := range client.Candidates.All(ctx, filter) {
		if err != nil {
			return pin{}, err
		}
		if kindOfAttempt, ok := attempt(c, kind, earlier); ok {
			attempts[c.SysID] = kindOfAttempt
			found = append(found, c)
		}
	}
	protected := r.meta.ProtectedNow()
	var people map[string]sam.User
	if len(found) > 0 && (len(protected) > 0 || personalData) {
		var err error
		if people, err = usersOf(ctx, client, found); err != nil {
			return pin{}, err
		}
	}

	p := pin{}
	for _, c := range found {
		who := identify(c, people[c.UserSysID])
		if who.ProtectedBy(protected) != "" {
			p.Protected++
			continue
		}
		if who.MayHideFrom(protected) {
			p.Doubtful++
			continue
		}
		pinned := newCandidate(c, attempts[c.SysID])
		if personalData {
			pinned.Person = person(c, people[c.UserSysID])
		}
		p.Candidates = append(p.Candidates, pinned)
	}
	if len(p.Candidates) == 0 {
		return pin{Doubtful: p.Doubtful}, nil
	}
	slices.SortFunc(p.Candidates, func(a, b candidate) int { return strings.Compare(a.Number, b.Number) })
	p.SeenAt = tfkit.TimeOrNull(r.meta.Now()).ValueString()
	p.ProfileType, p.Profile = profile.ProfileType, profile.DisplayName
	return p, nil
}

func usersOf(ctx context.Context, client *sam.Client, candidates []sam.Candidate) (map[string]sam.User, error) {
	var ids []string
	for _, c := range candidates {
		if c.UserSysID != "" {
			ids = append(ids, c.UserSysID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	return client.Users.ByIDs(ctx, slices.Compact(ids))
}

// identify gathers the names under which a policy may list the person of a candidate.
func identify(c sam.Candidate, u sam.User) companion.Person {
	return companion.Person{
		UserPrincipalName: c.UserPrincipalName, ExternalUserID: c.ExternalUserID, VendorUserName: c.VendorUserName,
		Mail: u.Email, UserName: u.UserName,
	}
}

// person names a person for a reviewer.
func person(c sam.Candidate, u sam.User) string {
	mail := u.Email
	if mail == "" {
		mail = c.UserPrincipalName
	}
	switch {
	case u.Name != "" && mail != "":
		return fmt.Sprintf("%s <%s>", u.Name, mail)
	case u.Name != "":
		return u.Name
	case mail != "":
		return mail
	case c.ExternalUserID != "":
		return "vendor account " + c.ExternalUserID
	}
	return "unknown user"
}
