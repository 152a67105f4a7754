package licensereclamation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// Values of removals.attempt.
const (
	attemptFirst        = "first"
	attemptReleased     = "released"      // the user does not need the licence
	attemptNoAnswer     = "no_answer"     // the user did not answer in time
	attemptKeepRejected = "keep_rejected" // the user wanted to keep it, and the assignment group decided otherwise
	attemptRetry        = "retry"
	attemptResume       = "resume"
)

// attemptTexts are the headings of candidates that are not taken for the first time.
var attemptTexts = map[string]string{
	attemptReleased:     "Given up by the user",
	attemptNoAnswer:     "Asked, without an answer in time",
	attemptKeepRejected: "Asked for by the user, rejected by the group",
	attemptRetry:        "Tried before, without success",
	attemptResume:       "Interrupted while the licence was taken",
}

// pin is the candidates that can be acted on, as Read saw them, with what filters and the policy need to know. Times and
// counts are set only while there are any, so that an idle resource refreshes byte-identical.
type pin struct {
	SeenAt        string      `json:"seen_at,omitempty"` // RFC 3339
	ProfileType   string      `json:"profile_type,omitempty"`
	Profile       string      `json:"profile,omitempty"`  // display name
	Currency      string      `json:"currency,omitempty"` // of potential savings; empty where it is not known
	Protected     int         `json:"protected,omitempty"`
	Doubtful      int         `json:"doubtful,omitempty"`       // perhaps protected: who it is cannot be told
	UnknownGroups []string    `json:"unknown_groups,omitempty"` // of protected_groups
	NoChannel     bool        `json:"no_channel,omitempty"`     // nobody can be asked: the instance delivers no messages
	GoneToday     *int        `json:"gone_today,omitempty"`     // licences, on the day of SeenAt (UTC); only with a daily maximum
	Candidates    []candidate `json:"candidates,omitempty"`     // who left first, then by number
}

// candidate has nothing that names the person, unless include_personal_data asks for it.
type candidate struct {
	SysID            string `json:"sys_id"`
	Number           string `json:"number"`
	UserSysID        string `json:"user,omitempty"`
	Subscription     string `json:"subscription,omitempty"` // sys_id
	UserMark         string `json:"user_mark,omitempty"`    // whose licence it is, see companion.UserMark
	Product          string `json:"product"`
	SoftwareModel    string `json:"software_model,omitempty"`
	Justification    string `json:"justification"`
	InactiveDays     *int   `json:"inactive_days,omitempty"`
	PotentialSavings string `json:"potential_savings,omitempty"`
	Leaver           bool   `json:"leaver,omitempty"`
	Department       string `json:"department,omitempty"`
	CostCenter       string `json:"cost_center,omitempty"`
	AsksUser         bool   `json:"asks_user,omitempty"` // the user is asked first, and answers before the licence goes
	Attempt          string `json:"attempt"`
	Person           string `json:"person,omitempty"` // only with include_personal_data
}

func (c candidate) asksUser() bool { return c.AsksUser }

func newCandidate(c sam.Candidate, attempt string, holder sam.User) candidate {
	return candidate{
		SysID: c.SysID, Number: c.Number, UserSysID: c.UserSysID, Subscription: c.SubscriptionSysID,
		UserMark: companion.UserMark(c.SysID, c.ExternalUserID), Product: c.Product, SoftwareModel: c.SoftwareModel,
		Justification: c.Justification, InactiveDays: c.InactiveDays, PotentialSavings: c.PotentialSavings,
		Leaver: holder.Left(), Department: holder.Department, CostCenter: holder.CostCenter,
		AsksUser: c.AnswerDays > 0, Attempt: attempt,
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
	case waiting(c, kind) && retryable(last):
		return attemptRetry, true
	case waiting(c, kind):
		return reasonOf(c), true
	case c.State == dictionary.StateAttentionRequired && (retryable(last) || kind == companion.KindEmbedded && c.ErrorMessage != ""):
		return attemptRetry, true
	case c.State == dictionary.StateAwaitingRevocation && (ours || kind == companion.KindEmbedded):
		return attemptResume, true
	}
	return "", false
}

// waiting tells whether nobody has asked the vendor for the licence yet. An embedded instance leaves that to a reviewed run
// also where the user has answered, or is not asked at all; on a customer's instance Awaiting Revocation is its own flow at work.
func waiting(c sam.Candidate, kind string) bool {
	return c.State == dictionary.StateReady ||
		c.State == dictionary.StateAwaitingRevocation && kind == companion.KindEmbedded && c.RevocationBegun.IsZero()
}

// reasonOf is why a waiting candidate may be acted on.
func reasonOf(c sam.Candidate) string {
	switch {
	case c.State != dictionary.StateAwaitingRevocation || informedOnly(c.Justification):
		return attemptFirst
	case c.Answer == dictionary.AnswerRelease:
		return attemptReleased
	case c.Answer == dictionary.AnswerKeep:
		return attemptKeepRejected
	case !c.NotifiedOn.IsZero():
		return attemptNoAnswer
	}
	return attemptFirst
}

// informedOnly tells whether the user is informed and not asked, and loses the licence however active: what is used beyond the
// rights bought, or may not be used at all.
func informedOnly(justification string) bool {
	name := justificationName(justification)
	return name == dictionary.JustificationRestricted || name == dictionary.JustificationUnlicensed
}

// observe collects the candidates that a plan may name.
func (r *reclamationResource) observe(
	ctx context.Context, client *sam.Client, instance sam.Instance, profile sam.Profile, personalData bool,
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
		if kindOfAttempt, ok := attempt(c, instance.Kind, earlier); ok {
			attempts[c.SysID] = kindOfAttempt
			found = append(found, c)
		}
	}
	guard, err := newGuard(ctx, client, r.Meta, found)
	if err != nil {
		return pin{}, err
	}
	p := pin{UnknownGroups: guard.unknownGroups}
	for _, c := range found {
		holder := guard.people[c.Holder()]
		switch guard.judge(c) {
		case protected:
			p.Protected++
			continue
		case doubtful:
			p.Doubtful++
			continue
		}
		pinned := newCandidate(c, attempts[c.SysID], holder)
		if personalData {
			pinned.Person = person(c, holder)
		}
		p.Candidates = append(p.Candidates, pinned)
	}
	if len(p.Candidates) == 0 {
		return pin{Doubtful: p.Doubtful, UnknownGroups: p.UnknownGroups}, nil
	}
	slices.SortFunc(p.Candidates, byUrgency)
	p.NoChannel = instance.Kind == companion.KindEmbedded && !instance.Notifications && slices.ContainsFunc(p.Candidates, candidate.asksUser)
	now := r.Meta.Now()
	if r.Meta.Policy.DailyMaximum > 0 {
		gone, err := goneToday(ctx, client, now)
		if err != nil {
			return pin{}, err
		}
		p.GoneToday = &gone
	}
	p.SeenAt = tfkit.TimeOrNull(now).ValueString()
	p.ProfileType, p.Profile, p.Currency = profile.ProfileType, profile.DisplayName, instance.Currency
	return p, nil
}

// byUrgency puts people who left first, so that a run that ends early took theirs.
func byUrgency(a, b candidate) int {
	if a.Leaver != b.Leaver {
		if a.Leaver {
			return -1
		}
		return 1
	}
	return strings.Compare(a.Number, b.Number)
}

// goneToday counts the licences that went since midnight (UTC), of all profiles.
func goneToday(ctx context.Context, client *sam.Client, now time.Time) (int, error) {
	return client.Candidates.Count(ctx, sam.CandidateFilter{
		States: []string{dictionary.StateClosedComplete}, ClosedSince: now.UTC().Truncate(24 * time.Hour),
	})
}

func usersOf(ctx context.Context, client *sam.Client, candidates []sam.Candidate) (map[string]sam.User, error) {
	return client.Users.ByIDs(ctx, holders(candidates))
}

// holders are the users whose licences the candidates are about (sys_ids), each once.
func holders(candidates []sam.Candidate) []string {
	var ids []string
	for _, c := range candidates {
		if id := c.Holder(); id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// identify gathers the names under which a policy may list the person of a candidate.
func identify(c sam.Candidate, u sam.User) companion.Person {
	return companion.Person{
		UserPrincipalName: c.UserPrincipalName, ExternalUserID: c.ExternalUserID, VendorUserName: c.VendorUserName,
		Mail: u.Email, UserName: u.UserName,
	}
}

// person names a person for a reviewer, on one line: people choose their own names at a vendor.
func person(c sam.Candidate, u sam.User) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, nameOf(c, u))
}

// nameOf is what a reviewer knows the person by. Where the vendor calls them otherwise, it says both: anybody who may write the
// subscription can choose its user.
func nameOf(c sam.Candidate, u sam.User) string {
	mail := u.Email
	if mail == "" {
		mail = c.UserPrincipalName
	}
	name := mail
	switch {
	case u.Name != "" && mail != "":
		name = fmt.Sprintf("%s <%s>", u.Name, mail)
	case u.Name != "":
		name = u.Name
	}
	login := strings.TrimSuffix(c.UserPrincipalName, " ("+c.ExternalUserID+")")
	same := func(known string) bool { return strings.EqualFold(known, login) }
	switch {
	case name != "" && login != "" && !slices.ContainsFunc([]string{mail, u.Name, u.UserName}, same):
		return name + ", at the vendor " + login
	case name != "":
		return name
	case c.ExternalUserID != "":
		return "vendor account " + c.ExternalUserID
	}
	return "unknown user"
}
