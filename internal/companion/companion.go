// Package companion is the contract of the companion routes: the part of SaaS License Management that ServiceNow offers
// only as buttons (Validate Connection, Publish, Execute Now, Reclaim). On a customer's instance a small scoped app serves
// them; the embedded instance has them built in. Client and embedded instance share this package, so that the two sides
// cannot drift apart.
package companion

import (
	"encoding/json"
	"net/url"
	"time"
)

// BasePath is where the routes live on every instance.
const BasePath = "/api/x_snsam_tf/v1/saas"

// IdempotencyKeyHeader makes a start call repeatable: a second call with the same key answers with the run that the
// first one started.
const IdempotencyKeyHeader = "Idempotency-Key"

// MaxReclaimCandidates is the most candidates one reclaim call takes.
const MaxReclaimCandidates = 100

// CapabilitiesPath answers GET with Capabilities.
func CapabilitiesPath() string { return BasePath + "/capabilities" }

// ValidatePath starts Validate Connection for a profile (POST, no body); outcome ValidateOutcome.
func ValidatePath(profile string) string {
	return BasePath + "/profiles/" + url.PathEscape(profile) + "/validate"
}

// PublishPath publishes a validated profile (POST, no body); outcome PublishOutcome.
func PublishPath(profile string) string {
	return BasePath + "/profiles/" + url.PathEscape(profile) + "/publish"
}

// RefreshPath runs a profile's refresh jobs now (POST RefreshRequest); outcome RefreshOutcome.
func RefreshPath(profile string) string {
	return BasePath + "/profiles/" + url.PathEscape(profile) + "/refresh"
}

// ReclaimPath reclaims named candidates (POST ReclaimRequest); outcome ReclaimOutcome.
func ReclaimPath() string { return BasePath + "/candidates/reclaim" }

// ProgressPath answers GET with Progress.
func ProgressPath(id string) string { return BasePath + "/progress/" + url.PathEscape(id) }

// CancelPath asks a running job to stop after the vendor call in hand (POST, no body) and answers with its Progress.
func CancelPath(id string) string { return ProgressPath(id) + "/cancel" }

// Capabilities tells a client what it talks to. Everything a plan may need to know about the instance is here, so that
// one request suffices.
type Capabilities struct {
	// InstanceID is the UUID of the database. Empty while an embedded database does not exist yet.
	InstanceID      string        `json:"instance_id"`
	Kind            string        `json:"kind"` // KindEmbedded or KindServiceNow
	Version         string        `json:"version"`
	ReleaseFamily   string        `json:"release_family"`
	Plugins         []Plugin      `json:"plugins"`
	ProfileTypes    []ProfileType `json:"profile_types"`
	CredentialKinds []string      `json:"credential_kinds"`
	// Notifications tells whether a channel exists that can deliver a message to a user.
	Notifications bool `json:"notifications"`
	// Currency in which the instance keeps amounts (ISO 4217); empty where it is not known.
	Currency string `json:"currency,omitempty"`
}

// Kinds of instance.
const (
	KindEmbedded   = "embedded"
	KindServiceNow = "servicenow"
)

// Plugin is a ServiceNow plugin or store app and whether it is active.
type Plugin struct {
	ID      string `json:"id"`
	Active  bool   `json:"active"`
	Version string `json:"version"`
}

// ProfileType is one integration profile type and whether its spoke is installed here.
type ProfileType struct {
	Value     string `json:"value"`
	Label     string `json:"label"`
	Vendor    string `json:"vendor"`
	Spoke     string `json:"spoke"`
	Installed bool   `json:"installed"`
}

// Status values of Progress, as the CI/CD API defines them (servicenow-platform 7.3).
const (
	StatusPending    = "0"
	StatusRunning    = "1"
	StatusSuccessful = "2"
	StatusFailed     = "3"
	StatusCanceled   = "4"
)

// Progress is the state of a run. It has the shape of ServiceNow's CI/CD progress, plus the typed outcome.
type Progress struct {
	Links           Links  `json:"links"`
	Status          string `json:"status"`
	StatusLabel     string `json:"status_label"`
	StatusMessage   string `json:"status_message"`
	StatusDetail    string `json:"status_detail"`
	Error           string `json:"error"`
	PercentComplete int    `json:"percent_complete"`
	// Outcome is set when the run has ended, also when it failed half-way: what was done until then.
	Outcome json.RawMessage `json:"outcome,omitempty"`
}

// Links of a Progress.
type Links struct {
	Progress Link `json:"progress"`
	Results  Link `json:"results"`
}

// Link is an id and where to read it.
type Link struct {
	ID  string `json:"id"`
	URL string `json:"url"`
}

// Done tells whether the run has ended. An unknown status counts as running.
func (p Progress) Done() bool {
	return p.Status == StatusSuccessful || p.Status == StatusFailed || p.Status == StatusCanceled
}

// ValidateOutcome is the result of Validate Connection.
type ValidateOutcome struct {
	Valid       bool      `json:"valid"`
	ValidatedAt time.Time `json:"validated_at"`
	Checks      []Check   `json:"checks"`
	Warnings    []string  `json:"warnings"`
	// Groups are those whose members a profile manages, of a vendor that gives access by group: the chosen ones or, where
	// none were chosen, those that give access.
	Groups []Group `json:"groups,omitempty"`
}

// Failed finds the failed check with a code; nil where there is none.
func (o ValidateOutcome) Failed(code string) *Check {
	for i, check := range o.Checks {
		if check.Code == code && !check.OK {
			return &o.Checks[i]
		}
	}
	return nil
}

// Check is one thing that validation tried.
type Check struct {
	Process string `json:"process"`
	OK      bool   `json:"ok"`
	Message string `json:"message"`
	// Code tells failed checks apart that a client treats in its own way; mostly empty.
	Code string `json:"code,omitempty"`
}

// Codes of a Check.
const (
	CheckConsentPending = "consent_pending" // nobody has consented to the OAuth grant yet; the message says what to run
	CheckConsentExpired = "consent_expired" // the OAuth grant ended or was revoked; the message says what to run
)

// PublishOutcome names what publishing created or reused.
type PublishOutcome struct {
	Models []Ref `json:"models"`
	Rules  []Ref `json:"rules"`
	Jobs   []Ref `json:"jobs"`
	// Warnings tell what does not fit together, such as a threshold beyond the look-back.
	Warnings []string `json:"warnings,omitempty"`
}

// Ref is a record by sys_id and name.
type Ref struct {
	SysID string `json:"sys_id"`
	Name  string `json:"name"`
}

// RefreshRequest asks for a refresh of a profile.
type RefreshRequest struct {
	// What lists "subscriptions" and "activity". Empty means everything the profile has switched on.
	What []string `json:"what,omitempty"`
	// MaxRemovalFraction is the guard: the largest part of the known subscriptions (0 to 1) that may vanish in one run
	// before the removals are held back. Zero means the instance's default (0.5).
	MaxRemovalFraction float64 `json:"max_removal_fraction,omitempty"`
	// MaxDurationSeconds ends the pull of activity at a checkpoint, from where the next run goes on. Zero means no limit.
	MaxDurationSeconds int `json:"max_duration_seconds,omitempty"`
}

// RefreshOutcome counts what a refresh did.
type RefreshOutcome struct {
	// Downloaded counts the distinct users listed by the vendor. In a run that was successful, each of them is created,
	// updated or unchanged; in one that was not, the rest was listed and not stored.
	Downloaded         int      `json:"downloaded"`
	Created            int      `json:"created"`
	Updated            int      `json:"updated"`
	Unchanged          int      `json:"unchanged"`
	Removed            int      `json:"removed"`
	RemovalsHeld       int      `json:"removals_held"` // vanished users kept because the guard or an incomplete walk said so
	CandidatesOpened   int      `json:"candidates_opened"`
	CandidatesCanceled int      `json:"candidates_canceled"`
	Complete           bool     `json:"complete"` // the vendor's list was walked to its end
	Requests           int      `json:"requests"` // calls made to the vendor
	RowsWritten        int      `json:"rows_written"`
	Warnings           []string `json:"warnings"`
	JobLog             Ref      `json:"job_log"` // of the refresh of subscriptions, or of activity where only that was asked for

	ActivityEvents  int    `json:"activity_events"`  // signs of activity that the vendor told
	ActivityUpdated int    `json:"activity_updated"` // subscriptions whose last activity moved forward
	ActivityMethod  string `json:"activity_method,omitempty"`
	// Partial is true when the pull of activity ended before it had seen everything. Nobody becomes a candidate before one
	// complete pull.
	Partial bool `json:"partial"`
	// Unknown counts the users of whom no activity is known although the vendor may just not show it. They never become
	// candidates.
	Unknown int `json:"unknown"`
	// Confirmed counts the users that were looked at once more before they became candidates.
	Confirmed      int `json:"confirmed"`
	ActivityJobLog Ref `json:"activity_job_log"`

	// Unrecognized counts the subscriptions of the profile whose identifier no product definition knows and to which nobody
	// assigned a software model.
	Unrecognized int `json:"unrecognized"`
	// WithoutUser counts the subscriptions of the profile for which no user was found; AmbiguousUsers those of them for which
	// there are several.
	WithoutUser    int `json:"without_user"`
	AmbiguousUsers int `json:"ambiguous_users"`
	// Forgotten counts the users that the vendor lists and that were left out, because they were to be forgotten.
	Forgotten int `json:"forgotten"`
}

// Evidence is who decided a reclaim and why. It goes into the candidates' work notes and the run table.
type Evidence struct {
	Reason          string `json:"reason,omitempty"`
	ChangeReference string `json:"change_reference,omitempty"`
	ApprovedBy      string `json:"approved_by,omitempty"`
	RunURL          string `json:"run_url,omitempty"`
}

// ReclaimRequest names the candidates to reclaim, by sys_id, at most MaxReclaimCandidates.
type ReclaimRequest struct {
	Candidates []string `json:"candidates"`
	// Expected says whose licence a candidate stood for when it was reviewed, by the candidate's sys_id. A candidate that
	// means something else by now is skipped. Candidates without an entry are not compared.
	Expected map[string]Expected `json:"expected,omitempty"`
	// Protected lists users that must not lose a licence whatever the list says, see Person.ProtectedBy.
	Protected []string `json:"protected,omitempty"`
	// ProtectedGroups lists user groups, by name or sys_id, whose members must not lose a licence.
	ProtectedGroups []string `json:"protected_groups,omitempty"`
	// DailyMaximum is the most licences that may go on one day (UTC) on the whole instance; 0 means no maximum.
	DailyMaximum int      `json:"daily_maximum,omitempty"`
	Evidence     Evidence `json:"evidence"`
	// RunKey joins the calls of one run, which takes more than MaxReclaimCandidates, into one row of the run table. Without
	// it each call is a run.
	RunKey string `json:"run_key,omitempty"`
	// RunTotal is how many candidates all calls of the run name together; 0 means those of this call.
	RunTotal int `json:"run_total,omitempty"`
}

// Expected is whose licence a candidate stood for when it was reviewed.
type Expected struct {
	Subscription string `json:"subscription"` // sys_id of the user subscription
	User         string `json:"user"`         // UserMark of the vendor's user id
}

// ReclaimOutcome tells what became of each candidate.
type ReclaimOutcome struct {
	// Run is the row of the run table, by its number; the last one where the candidates are of several profiles.
	Run   Ref           `json:"run"`
	Items []ReclaimItem `json:"items"`
	// Warnings are what the vendor's side lets expect, such as a token that ends soon.
	Warnings []string `json:"warnings,omitempty"`
}

// ReclaimItem is the outcome for one candidate.
type ReclaimItem struct {
	Candidate string  `json:"candidate"`
	Number    string  `json:"number"`
	Outcome   Outcome `json:"outcome"`
	Message   string  `json:"message"`
}

// Outcome is what became of one licence. The set is closed.
type Outcome string

// The outcomes of a reclaim.
const (
	OutcomeDone             Outcome = "done"              // the vendor confirmed that the licence is gone
	OutcomeAlreadyGone      Outcome = "already_gone"      // the vendor had no licence for this user any more
	OutcomeSkippedActive    Outcome = "skipped_active"    // the user was active again; the candidate is canceled
	OutcomeSkippedProtected Outcome = "skipped_protected" // the user is on the list of protected users
	OutcomeSkippedSelf      Outcome = "skipped_self"      // the account of the connection itself
	OutcomeSkippedAdmin     Outcome = "skipped_admin"     // an administrator at the vendor
	OutcomeSkippedClosed    Outcome = "skipped_closed"    // the candidate was closed, or does not stand for the licence that was reviewed
	OutcomeManagedElsewhere Outcome = "managed_elsewhere" // the vendor refuses because another system manages licences
	OutcomeAwaitingUser     Outcome = "awaiting_user"     // a notification waits or was sent; the answer is open
	OutcomeDeferred         Outcome = "deferred"          // the daily maximum is reached; the candidate is as it was
	OutcomeDenied           Outcome = "denied"            // the connection may not do this
	OutcomeFailed           Outcome = "failed"            // anything else; the candidate needs attention and can be retried
)

// CustomProperties is the JSON in the profile's custom_properties column. ServiceNow keeps vendor extras and the time of
// the last successful validation there; the key names are assumed.
type CustomProperties struct {
	ValidatedOn string            `json:"connection_validated_on,omitempty"` // UTC, "2006-01-02 15:04:05"
	Vendor      map[string]string `json:"vendor_config,omitempty"`
	// ActivityLookbackDays is the rolling look-back; 0 leaves it to the column analyze_activity_from.
	ActivityLookbackDays int `json:"activity_lookback_days,omitempty"`
	// ResolvedGroups are the groups that the last validation found where vendor_config names none, comma-separated. The
	// instance maintains them.
	ResolvedGroups string `json:"resolved_group_ids,omitempty"`
}
