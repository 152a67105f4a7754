package sam

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
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
	ActivityLookbackDays  int       // rolling look-back; 0 where AnalyzeActivityFrom counts
	DownloadSubflow       string    // name; empty where the type has none
	ActivitySubflow       string
	ReclaimSubflow        string
	ValidatedAt           time.Time // last successful Validate Connection; zero where never
	VendorConfig          map[string]string
	ResolvedGroups        []string // groups that the last validation chose, where VendorConfig names none
	// RequiredPermissions is what the processes that are on need at the vendor, in the order download, activity, reclaim.
	RequiredPermissions []dictionary.Permission
	Meta                Meta
}

// Published tells whether the profile is published.
func (p Profile) Published() bool { return p.Status == dictionary.ProfileStatusPublished }

// ProfileFilter narrows a list of profiles. Empty fields do not filter.
type ProfileFilter struct {
	ProfileType  string
	Status       string
	NameContains string // part of the display name, in any case of its letters
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
	ActivityLookbackDays int // rolling look-back; 0 leaves it to AnalyzeActivityFrom
	VendorConfig         map[string]string
}

// ProfileChange changes a profile. Nil leaves a field as it is.
type ProfileChange struct {
	DisplayName          *string
	AliasSysID           *string
	DownloadActivity     *bool
	ReclaimSubscriptions *bool
	AnalyzeActivityFrom  *time.Time // the zero time clears it
	ActivityLookbackDays *int       // 0 clears it
	VendorConfig         *map[string]string
}

// Get reads a profile. ErrNotFound means confirmed gone.
func (p *Profiles) Get(ctx context.Context, sysID string) (Profile, error) {
	record, err := p.c.read(ctx, dictionary.TableProfile, sysID, servicenow.ReadOptions{Fields: profileFields})
	if err != nil {
		return Profile{}, err
	}
	return p.decode(ctx, record)
}

// FindByDisplayName finds the profile with this display name, or ErrNotFound. Case does not count, as on ServiceNow.
func (p *Profiles) FindByDisplayName(ctx context.Context, displayName string) (Profile, error) {
	query := servicenow.Where(servicenow.Eq(dictionary.ProfileDisplayName, displayName))
	record, err := p.c.rest.Find(ctx, dictionary.TableProfile, query, servicenow.ReadOptions{Fields: profileFields})
	if err != nil {
		return Profile{}, explain(dictionary.TableProfile, err)
	}
	return p.decode(ctx, record)
}

// All walks the profiles.
func (p *Profiles) All(ctx context.Context, f ProfileFilter) iter.Seq2[Profile, error] {
	var query servicenow.Query
	if f.ProfileType != "" {
		query = query.And(servicenow.Eq(dictionary.ProfileType_, f.ProfileType))
	}
	if f.Status != "" {
		query = query.And(servicenow.Eq(dictionary.ProfileStatus, f.Status))
	}
	if f.NameContains != "" {
		query = query.And(servicenow.Contains(dictionary.ProfileDisplayName, f.NameContains))
	}
	records := p.c.rest.All(ctx, dictionary.TableProfile, query, servicenow.WalkOptions{
		ReadOptions: servicenow.ReadOptions{Fields: profileFields},
	})
	return decodeEach(records, dictionary.TableProfile, func(r servicenow.Record) (Profile, error) { return p.decode(ctx, r) })
}

// Update changes what is set in change and answers with the profile after it.
func (p *Profiles) Update(ctx context.Context, sysID string, change ProfileChange) (Profile, error) {
	values, err := p.changedValues(ctx, sysID, change)
	if err != nil {
		return Profile{}, err
	}
	if len(values) > 0 {
		_, err := p.c.rest.Update(ctx, dictionary.TableProfile, sysID, values, dictionary.ProfileCustomProperties)
		if errors.Is(err, servicenow.ErrConflict) && change.DisplayName != nil {
			return Profile{}, p.exists(ctx, *change.DisplayName, err)
		}
		if err != nil {
			return Profile{}, fmt.Errorf("update integration profile %s: %w", sysID, explain(dictionary.TableProfile, err))
		}
	}
	profile, err := p.Get(ctx, sysID)
	if err != nil {
		return Profile{}, err
	}
	if change.VendorConfig != nil {
		return profile, checkVendorConfig(profile, *change.VendorConfig)
	}
	return profile, nil
}

func (p *Profiles) changedValues(ctx context.Context, sysID string, change ProfileChange) (servicenow.Values, error) {
	values := servicenow.Values{}
	setIf(values, dictionary.ProfileDisplayName, change.DisplayName)
	setIf(values, dictionary.ProfileAlias, change.AliasSysID)
	setBool(values, dictionary.ProfileDownloadActivity, change.DownloadActivity)
	setBool(values, dictionary.ProfileReclaim, change.ReclaimSubscriptions)
	if change.AnalyzeActivityFrom != nil {
		values[dictionary.ProfileAnalyzeFrom] = servicenow.FormatTime(*change.AnalyzeActivityFrom)
	}
	if change.VendorConfig == nil && change.ActivityLookbackDays == nil {
		return values, nil
	}
	record, err := p.c.read(ctx, dictionary.TableProfile, sysID,
		servicenow.ReadOptions{Fields: []string{dictionary.ProfileCustomProperties}})
	if err != nil {
		return nil, err
	}
	properties, err := withProperties(record.Get(dictionary.ProfileCustomProperties), change.VendorConfig, change.ActivityLookbackDays)
	if err != nil {
		return nil, fmt.Errorf("update integration profile %s: %w", sysID, err)
	}
	values[dictionary.ProfileCustomProperties] = properties
	return values, nil
}

// Delete deletes a profile with its subscriptions and jobs. A profile that is gone is no error.
func (p *Profiles) Delete(ctx context.Context, sysID string) error {
	if err := p.c.rest.Delete(ctx, dictionary.TableProfile, sysID); err != nil {
		return fmt.Errorf("delete integration profile %s: %w", sysID, explain(dictionary.TableProfile, err))
	}
	return nil
}

// Validate runs Validate Connection and waits for it. A connection that is not good is a *ValidationError.
func (p *Profiles) Validate(ctx context.Context, sysID string, say Say) (companion.ValidateOutcome, error) {
	var outcome companion.ValidateOutcome
	progress, err := p.c.run(ctx, profileRun("validate connection", sysID, companion.ValidatePath(sysID), nil), &outcome, say)
	failed := progress.Status == companion.StatusFailed && len(outcome.Checks) > 0
	if failed || err == nil && !outcome.Valid {
		return outcome, &ValidationError{Profile: sysID, Outcome: outcome, Message: progress.Error}
	}
	return outcome, err
}

// Publish publishes a validated profile and waits for it.
func (p *Profiles) Publish(ctx context.Context, sysID string, say Say) (companion.PublishOutcome, error) {
	var outcome companion.PublishOutcome
	_, err := p.c.run(ctx, profileRun("publish", sysID, companion.PublishPath(sysID), nil), &outcome, say)
	return outcome, err
}

// Refresh runs the refresh jobs of a profile now and waits. The outcome is filled as far as the run came, also when it
// comes with an error.
func (p *Profiles) Refresh(ctx context.Context, sysID string, r companion.RefreshRequest, say Say) (RefreshRun, error) {
	var run RefreshRun
	progress, err := p.c.run(ctx, profileRun("refresh", sysID, companion.RefreshPath(sysID), r), &run.RefreshOutcome, say)
	run.RunID, run.Status = progress.Links.Progress.ID, progress.Status
	return run, err
}

func profileRun(operation, sysID, path string, body any) runSpec {
	return runSpec{operation: operation, object: "integration profile " + sysID, path: path, body: body}
}

// RefreshRun is a refresh that was started.
type RefreshRun struct {
	RunID  string // id of the run on the instance
	Status string // companion.StatusSuccessful, StatusFailed or StatusCanceled
	companion.RefreshOutcome
}

const (
	fieldAliasID          = dictionary.ProfileAlias + "." + dictionary.AliasID
	fieldAliasName        = dictionary.ProfileAlias + "." + dictionary.AliasName
	fieldDownloadSubflow  = dictionary.ProfileDownloadSubflow + "." + dictionary.SubflowName
	fieldActivitySubflow  = dictionary.ProfileActivitySubflow + "." + dictionary.SubflowName
	fieldReclaimSubflow   = dictionary.ProfileReclaimSubflow + "." + dictionary.SubflowName
	propertyVendorConfig  = "vendor_config"          // key of companion.CustomProperties
	propertyLookbackDays  = "activity_lookback_days" // key of companion.CustomProperties
	validatedOnTimeLayout = servicenow.DateTimeLayout
)

var profileFields = slices.Concat([]string{
	dictionary.ProfileDisplayName, dictionary.ProfileType_, dictionary.ProfileStatus, dictionary.ProfileAlias, fieldAliasID, fieldAliasName,
	dictionary.ProfileDownload, dictionary.ProfileDownloadActivity, dictionary.ProfileReclaim, dictionary.ProfileAnalyzeFrom,
	fieldDownloadSubflow, fieldActivitySubflow, fieldReclaimSubflow, dictionary.ProfileCustomProperties,
}, metaFields)

func (p *Profiles) decode(ctx context.Context, r servicenow.Record) (Profile, error) {
	for _, column := range []string{dictionary.ProfileDisplayName, dictionary.ProfileType_, dictionary.ProfileStatus} {
		if !r.Has(column) {
			return Profile{}, &servicenow.HiddenColumnError{Table: dictionary.TableProfile, SysID: r.ID(), Column: column}
		}
	}
	profile := Profile{
		SysID: r.ID(), DisplayName: r.Get(dictionary.ProfileDisplayName), ProfileType: r.Get(dictionary.ProfileType_),
		Status: r.Get(dictionary.ProfileStatus), AliasSysID: r.Get(dictionary.ProfileAlias), AliasID: r.Get(fieldAliasID),
		AliasName: r.Get(fieldAliasName), DownloadSubscriptions: r.Bool(dictionary.ProfileDownload),
		DownloadActivity: r.Bool(dictionary.ProfileDownloadActivity), ReclaimSubscriptions: r.Bool(dictionary.ProfileReclaim),
		AnalyzeActivityFrom: r.Time(dictionary.ProfileAnalyzeFrom), DownloadSubflow: r.Get(fieldDownloadSubflow),
		ActivitySubflow: r.Get(fieldActivitySubflow), ReclaimSubflow: r.Get(fieldReclaimSubflow), Meta: meta(r),
	}
	var properties companion.CustomProperties
	if text := r.Get(dictionary.ProfileCustomProperties); text != "" && json.Unmarshal([]byte(text), &properties) == nil {
		profile.VendorConfig = properties.Vendor
		profile.ActivityLookbackDays = properties.ActivityLookbackDays
		if properties.ResolvedGroups != "" {
			profile.ResolvedGroups = strings.Split(properties.ResolvedGroups, ",")
		}
		profile.ValidatedAt, _ = time.Parse(validatedOnTimeLayout, properties.ValidatedOn)
	}
	instance, err := p.c.Instance(ctx)
	if err != nil {
		return Profile{}, err
	}
	if t, ok := dictionary.ProfileTypeByValue(instance.ReleaseFamily, profile.ProfileType); ok {
		profile.RequiredPermissions = t.RequiredPermissions(profile.DownloadActivity, profile.ReclaimSubscriptions, profile.VendorConfig)
	}
	return profile, nil
}

// withProperties replaces what is given and keeps everything else that the instance stored there. Nil is left alone; an
// empty configuration and 0 days are removed.
func withProperties(properties string, config *map[string]string, lookbackDays *int) (string, error) {
	all := map[string]any{}
	if properties != "" {
		if err := json.Unmarshal([]byte(properties), &all); err != nil {
			return "", fmt.Errorf("custom properties are not JSON, so nothing can be stored in them: %w", err)
		}
	}
	if config != nil {
		all[propertyVendorConfig] = *config
		if len(*config) == 0 {
			delete(all, propertyVendorConfig)
		}
	}
	if lookbackDays != nil {
		all[propertyLookbackDays] = *lookbackDays
		if *lookbackDays == 0 {
			delete(all, propertyLookbackDays)
		}
	}
	encoded, err := json.Marshal(all)
	return string(encoded), err
}

// checkVendorConfig compares by key, since the instance keeps more in the same column.
func checkVendorConfig(p Profile, sent map[string]string) error {
	for key, value := range sent {
		if p.VendorConfig[key] != value {
			return &DroppedColumnError{Table: dictionary.TableProfile, SysID: p.SysID, Column: dictionary.ProfileCustomProperties}
		}
	}
	return nil
}
