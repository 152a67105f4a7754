package sam

import (
	"context"
	"iter"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// Profiles are the integration profiles.
type Profiles struct{ c *Client }

// Profile is an integration profile.
type Profile struct {
	SysID                 string
	DisplayName           string
	ProfileType           string // stored value, such as trello_enterprise_subscription
	Status                string // dictionary.ProfileStatusDraft or ProfileStatusPublished
	AliasSysID            string // connection and credential alias; empty where none is set
	AliasID               string // full id of that alias, such as sn_trello_spoke.Trello_Alias
	AliasName             string
	DownloadSubscriptions bool
	DownloadActivity      bool
	ReclaimSubscriptions  bool
	AnalyzeActivityFrom   time.Time // zero where not set
	DownloadSubflow       string    // name; empty where the type has none
	ActivitySubflow       string
	ReclaimSubflow        string
	ValidatedAt           time.Time // last successful Validate Connection; zero where never
	VendorConfig          map[string]string
	// RequiredPermissions is what the processes that are on need at the vendor, in the order download, activity, reclaim.
	RequiredPermissions []dictionary.Permission
	Meta                Meta
}

// Published tells whether the profile is published.
func (p Profile) Published() bool { return p.Status == dictionary.ProfileStatusPublished }

// ProfileFilter narrows a list of profiles. Empty fields do not filter.
type ProfileFilter struct {
	ProfileType string
	Status      string
}

// ProfileInput is a profile to create. Nil means the default of the profile type.
type ProfileInput struct {
	SysID                string // 32 hex; generated when empty
	DisplayName          string
	ProfileType          string
	AliasSysID           string // empty means the default alias of the type
	DownloadActivity     *bool
	ReclaimSubscriptions *bool
	AnalyzeActivityFrom  *time.Time
	VendorConfig         map[string]string
}

// ProfileChange changes a profile. Nil leaves a field as it is.
type ProfileChange struct {
	DisplayName          *string
	AliasSysID           *string
	DownloadActivity     *bool
	ReclaimSubscriptions *bool
	AnalyzeActivityFrom  *time.Time // the zero time clears it
	VendorConfig         *map[string]string
}

// Get reads a profile. ErrNotFound means confirmed gone.
func (p *Profiles) Get(ctx context.Context, sysID string) (Profile, error) {
	return Profile{}, errSkeleton
}

// FindByDisplayName finds the profile with exactly this display name, or ErrNotFound.
func (p *Profiles) FindByDisplayName(ctx context.Context, displayName string) (Profile, error) {
	return Profile{}, errSkeleton
}

// All walks the profiles.
func (p *Profiles) All(ctx context.Context, f ProfileFilter) iter.Seq2[Profile, error] {
	return func(yield func(Profile, error) bool) { yield(Profile{}, errSkeleton) }
}

// Create creates a profile in Draft. Form defaults (subflows, alias, toggles) are sent along, since ServiceNow gives them
// to people only. Errors: *UnknownProfileTypeError, *SpokeMissingError, *PluginMissingError, *ExistsError.
func (p *Profiles) Create(ctx context.Context, in ProfileInput) (Profile, error) {
	return Profile{}, errSkeleton
}

// Update changes what is set in change and answers with the profile after it.
func (p *Profiles) Update(ctx context.Context, sysID string, change ProfileChange) (Profile, error) {
	return Profile{}, errSkeleton
}

// Delete deletes a profile with its subscriptions and jobs. A profile that is gone is no error.
func (p *Profiles) Delete(ctx context.Context, sysID string) error { return errSkeleton }

// Validate runs Validate Connection and waits for it. A connection that is not good is a *ValidationError.
func (p *Profiles) Validate(ctx context.Context, sysID string, say Say) (companion.ValidateOutcome, error) {
	return companion.ValidateOutcome{}, errSkeleton
}

// Publish publishes a validated profile and waits for it.
func (p *Profiles) Publish(ctx context.Context, sysID string, say Say) (companion.PublishOutcome, error) {
	return companion.PublishOutcome{}, errSkeleton
}

// Refresh runs the refresh jobs of a profile now and waits. The outcome is filled as far as the run came, also when it
// comes with an error.
func (p *Profiles) Refresh(ctx context.Context, sysID string, r companion.RefreshRequest, say Say) (RefreshRun, error) {
	return RefreshRun{}, errSkeleton
}

// RefreshRun is a refresh that was started.
type RefreshRun struct {
	RunID  string // id of the run on the instance
	Status string // companion.StatusSuccessful, StatusFailed or StatusCanceled
	companion.RefreshOutcome
}
