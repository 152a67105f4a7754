package sam

import (
	"context"
	"errors"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Create creates a profile in Draft. Form defaults (subflows, alias, toggles) are sent along, since ServiceNow gives them
// to people only (KB3015895). Errors: *UnknownProfileTypeError, *SpokeMissingError, *PluginMissingError, *ExistsError. A
// profile that was created, but not as asked, is returned beside the error.
func (p *Profiles) Create(ctx context.Context, in ProfileInput) (Profile, error) {
	instance, err := p.c.Instance(ctx)
	if err != nil {
		return Profile{}, err
	}
	profileType, err := typeOn(instance, in.ProfileType)
	if err != nil {
		return Profile{}, err
	}
	existing, err := p.FindByDisplayName(ctx, in.DisplayName)
	switch {
	case err == nil && existing.SysID == in.SysID:
		return existing, nil // an earlier attempt of the same Create
	case err == nil:
		return Profile{}, &ExistsError{Object: "integration profile", Key: in.DisplayName, SysID: existing.SysID}
	case !errors.Is(err, ErrNotFound):
		return Profile{}, err
	}
	values, err := p.createValues(ctx, profileType, in)
	if err != nil {
		return Profile{}, err
	}
	record, err := p.c.rest.Create(ctx, dictionary.TableProfile, values, dictionary.ProfileCustomProperties)
	if errors.Is(err, servicenow.ErrConflict) {
		return Profile{}, p.exists(ctx, in.DisplayName, err)
	}
	if err != nil {
		return Profile{SysID: record.ID()}, fmt.Errorf("create integration profile %q: %w", in.DisplayName, explain(dictionary.TableProfile, err))
	}
	profile, err := p.Get(ctx, record.ID())
	if err != nil {
		return Profile{SysID: record.ID()}, err
	}
	return profile, checkVendorConfig(profile, in.VendorConfig)
}

// exists explains a refused display name by the profile that has it.
func (p *Profiles) exists(ctx context.Context, displayName string, refused error) error {
	other, err := p.FindByDisplayName(ctx, displayName)
	if err != nil {
		return fmt.Errorf("save integration profile %q: %w", displayName, refused)
	}
	return &ExistsError{Object: "integration profile", Key: displayName, SysID: other.SysID}
}

// typeOn finds a profile type in the catalogue and checks that the instance can serve it.
func typeOn(instance Instance, value string) (dictionary.ProfileType, error) {
	t, ok := dictionary.ProfileTypeByValue(instance.ReleaseFamily, value)
	if !ok {
		unknown := &UnknownProfileTypeError{Value: value}
		for _, known := range dictionary.ProfileTypes(instance.ReleaseFamily) {
			unknown.Known = append(unknown.Known, known.Value)
		}
		return t, unknown
	}
	for _, installed := range instance.ProfileTypes {
		if installed.Value == value && !installed.Installed {
			return t, &SpokeMissingError{ProfileType: t.Label, Spoke: t.SpokeName}
		}
	}
	return t, nil
}

func (p *Profiles) createValues(ctx context.Context, t dictionary.ProfileType, in ProfileInput) (servicenow.Values, error) {
	values := servicenow.Values{
		dictionary.ProfileDisplayName: in.DisplayName,
		dictionary.ProfileType_:       t.Value,
		dictionary.ProfileDownload:    "true",
	}
	if in.SysID != "" {
		values[dictionary.SysID] = in.SysID
	}
	activity, reclaim := toggles(t, in)
	if t.Toggles {
		setBool(values, dictionary.ProfileDownloadActivity, &activity)
		setBool(values, dictionary.ProfileReclaim, &reclaim)
	}
	if in.AnalyzeActivityFrom != nil {
		values[dictionary.ProfileAnalyzeFrom] = servicenow.FormatTime(*in.AnalyzeActivityFrom)
	}
	if len(in.VendorConfig) > 0 || in.ActivityLookbackDays > 0 {
		properties, err := withProperties("", &in.VendorConfig, &in.ActivityLookbackDays)
		if err != nil {
			return nil, err
		}
		values[dictionary.ProfileCustomProperties] = properties
	}
	if err := p.setAlias(ctx, values, t, in.AliasSysID, t.DefaultAlias(activity, reclaim).Alias); err != nil {
		return nil, err
	}
	return values, p.setSubflows(ctx, values, t)
}

// toggles are the form's defaults where the input is silent: on, where the vendor has the process.
func toggles(t dictionary.ProfileType, in ProfileInput) (activity, reclaim bool) {
	activity, reclaim = t.ActivitySubflow, t.Subflows[dictionary.ProcessReclaim] != ""
	if in.DownloadActivity != nil {
		activity = *in.DownloadActivity
	}
	if in.ReclaimSubscriptions != nil {
		reclaim = *in.ReclaimSubscriptions
	}
	return activity, reclaim
}

func (p *Profiles) setAlias(ctx context.Context, values servicenow.Values, t dictionary.ProfileType, chosen, standard string) error {
	if chosen != "" {
		values[dictionary.ProfileAlias] = chosen
		return nil
	}
	if standard == "" {
		return nil
	}
	alias, err := p.c.Aliases.FindByID(ctx, standard)
	if errors.Is(err, ErrNotFound) {
		return &SpokeMissingError{ProfileType: t.Label, Spoke: t.SpokeName, Missing: "alias " + standard}
	}
	values[dictionary.ProfileAlias] = alias.SysID
	return err
}

var subflowColumns = map[dictionary.Process]string{
	dictionary.ProcessDownload: dictionary.ProfileDownloadSubflow,
	dictionary.ProcessActivity: dictionary.ProfileActivitySubflow,
	dictionary.ProcessReclaim:  dictionary.ProfileReclaimSubflow,
}

// setSubflows looks the subflows of the type up by name.
func (p *Profiles) setSubflows(ctx context.Context, values servicenow.Values, t dictionary.ProfileType) error {
	var names []string
	for _, name := range t.Subflows {
		names = append(names, name)
	}
	ids := map[string]string{}
	flows := p.c.rest.All(ctx, dictionary.TableSubflow, servicenow.Where(servicenow.In(dictionary.SubflowName, names...)),
		servicenow.WalkOptions{ReadOptions: servicenow.ReadOptions{Fields: []string{dictionary.SubflowName}}})
	for flow, err := range flows {
		if err != nil {
			return fmt.Errorf("look up the subflows of %s: %w", t.Label, err)
		}
		ids[flow.Get(dictionary.SubflowName)] = flow.ID()
	}
	for process, name := range t.Subflows {
		if ids[name] == "" {
			return &SpokeMissingError{ProfileType: t.Label, Spoke: t.SpokeName, Missing: "subflow " + name}
		}
		values[subflowColumns[process]] = ids[name]
	}
	return nil
}
