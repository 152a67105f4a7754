package provider

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // time zones of freeze_windows, on machines that have none

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

type policyModel struct {
	AllowedInstances       types.List            `tfsdk:"allowed_instances"`
	MaxRemovalsPerDay      types.Int64           `tfsdk:"max_removals_per_day"`
	FreezeWindows          []freezeWindowModel   `tfsdk:"freeze_windows"`
	ProtectedUsers         []protectedUserModel  `tfsdk:"protected_users"`
	ProtectedGroups        []protectedGroupModel `tfsdk:"protected_groups"`
	RequireChangeReference types.Bool            `tfsdk:"require_change_reference"`
}

type protectedUserModel struct {
	User      types.String `tfsdk:"user"`
	Reason    types.String `tfsdk:"reason"`
	ExpiresOn types.String `tfsdk:"expires_on"`
}

type protectedGroupModel struct {
	Group     types.String `tfsdk:"group"`
	Reason    types.String `tfsdk:"reason"`
	ExpiresOn types.String `tfsdk:"expires_on"`
}

type freezeWindowModel struct {
	Reason   types.String `tfsdk:"reason"`
	From     types.String `tfsdk:"from"`
	To       types.String `tfsdk:"to"`
	Days     []string     `tfsdk:"days"`
	Timezone types.String `tfsdk:"timezone"`
}

func policyAttribute() schema.SingleNestedAttribute {
	notEmpty := []validator.String{stringvalidator.LengthAtLeast(1)}
	protection := func(name, description string) schema.NestedAttributeObject {
		return schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			name:     schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: notEmpty},
			"reason": schema.StringAttribute{Required: true, MarkdownDescription: "Why.", Validators: notEmpty},
			"expires_on": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Last day of the protection, `YYYY-MM-DD` in UTC. After it the entry no longer " +
					"protects, and a warning says so.",
				Validators: []validator.String{dateValidator{}},
			},
		}}
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "What every reclaim through this provider respects, the resource and the action " +
			"`servicenowsam_license_reclamation` alike. All of it is checked again by the apply, before anything is sent.",
		Attributes: map[string]schema.Attribute{
			"allowed_instances": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "The only instances on which licences may be reclaimed: host names or URLs of ServiceNow " +
					"instances, ids of embedded ones (the `instance` of a resource identity). On any other a plan that would reclaim " +
					"is an error. A cloned sub-production instance holds the credentials of production, so list production here.",
				Validators: []validator.List{listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"max_removals_per_day": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "The most licences that may go on one day (UTC) on the whole instance, whichever plan, profile or " +
					"person takes them. A plan says how many are left and treats more as its `on_excess` says; the instance counts " +
					"again before each licence, and leaves the rest for another day (`deferred`).",
				Validators: []validator.Int64{int64validator.Between(1, 1_000_000)},
			},
			"freeze_windows": schema.ListNestedAttribute{
				Optional: true,
				MarkdownDescription: "Times in which nothing is reclaimed: a plan warns, and an apply refuses before it sends anything. A run " +
					"that is under way when a window begins goes on to its end.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"reason": schema.StringAttribute{Required: true, MarkdownDescription: "Why.", Validators: notEmpty},
					"from": schema.StringAttribute{Optional: true, MarkdownDescription: "Begin: a moment (RFC 3339), or with `days` a time " +
						"of the day, `HH:MM` (default `00:00`)."},
					"to": schema.StringAttribute{Optional: true, MarkdownDescription: "End, which is no longer part of the window: a moment " +
						"(RFC 3339), or with `days` a time of the same day, `HH:MM` (default `24:00`)."},
					"days": schema.ListAttribute{
						ElementType:         types.StringType,
						Optional:            true,
						MarkdownDescription: "Days of every week: `monday` to `sunday`. Without it, the window is once, from `from` to `to`.",
						Validators: []validator.List{
							listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(stringvalidator.OneOf(weekdayNames()...)),
						},
					},
					"timezone": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Whose clocks `days` goes by, such as `Europe/Berlin` (default `UTC`).",
					},
				}},
			},
			"protected_users": schema.ListNestedAttribute{
				Optional:            true,
				MarkdownDescription: "People who do not lose a licence, whatever a list says.",
				NestedObject:        protection("user", "Mail address, user name, or the vendor's id of the account."),
			},
			"protected_groups": schema.ListNestedAttribute{
				Optional: true,
				MarkdownDescription: "Groups (`sys_user_group`) whose members do not lose a licence, whatever a list says. Direct members " +
					"count, also of a group that is inactive. A group that does not exist is an error. Whoever has no user record cannot " +
					"be told apart from a member, and keeps the licence.",
				NestedObject: protection("group", "Name or `sys_id` of the group."),
			},
			"require_change_reference": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether every reclaim needs an `evidence.change_reference` (default `false`).",
			},
		},
	}
}

func weekdayNames() []string {
	var names []string
	for day := time.Sunday; day <= time.Saturday; day++ {
		names = append(names, strings.ToLower(day.String()))
	}
	return names
}

// policyOf reads the reclamation policy. An entry whose day has passed stays in the list and protects nobody; the warning
// asks for a decision.
func policyOf(ctx context.Context, config model, now time.Time) (tfkit.Policy, diag.Diagnostics) {
	var p tfkit.Policy
	if config.ReclamationPolicy.IsNull() {
		return p, nil
	}
	var m policyModel
	diags := config.ReclamationPolicy.As(ctx, &m, basetypes.ObjectAsOptions{})
	if diags.HasError() {
		return p, diags
	}
	at := path.Root("reclamation_policy")
	p.DailyMaximum = int(m.MaxRemovalsPerDay.ValueInt64())
	p.RequireChangeReference = m.RequireChangeReference.ValueBool()
	if !m.AllowedInstances.IsNull() {
		p.AllowedInstances = []string{}
		diags.Append(m.AllowedInstances.ElementsAs(ctx, &p.AllowedInstances, false)...)
	}
	for i, w := range m.FreezeWindows {
		window, err := w.window()
		if err != nil {
			diags.AddAttributeError(at.AtName("freeze_windows").AtListIndex(i), "Unusable freeze window",
				fmt.Sprintf("Configuring the provider: the freeze window %q of reclamation_policy: %v.", w.Reason.ValueString(), err))
		}
		p.FreezeWindows = append(p.FreezeWindows, window)
	}
	for _, u := range m.ProtectedUsers {
		entry, d := protectionOf(u.User, u.Reason, u.ExpiresOn)
		diags.Append(d...)
		p.Users = append(p.Users, entry)
	}
	for _, g := range m.ProtectedGroups {
		entry, d := protectionOf(g.Group, g.Reason, g.ExpiresOn)
		diags.Append(d...)
		p.Groups = append(p.Groups, entry)
	}
	diags.Append(warnExpired(at.AtName("protected_users"), "These users are", p.Users, now)...)
	diags.Append(warnExpired(at.AtName("protected_groups"), "The members of these groups are", p.Groups, now)...)
	return p, diags
}

func protectionOf(name, reason, expiresOn types.String) (tfkit.Protection, diag.Diagnostics) {
	p := tfkit.Protection{Name: strings.TrimSpace(name.ValueString()), Reason: reason.ValueString()}
	if expiresOn.IsNull() {
		return p, nil
	}
	day, err := time.Parse(time.DateOnly, expiresOn.ValueString())
	if err != nil {
		return p, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("reclamation_policy"), "Invalid day",
			fmt.Sprintf("Configuring the provider: expires_on %q is not a day. Write YYYY-MM-DD.", expiresOn.ValueString()))}
	}
	p.ExpiresOn = day
	return p, nil
}

func warnExpired(at path.Path, who string, entries []tfkit.Protection, now time.Time) diag.Diagnostics {
	var expired []string
	for _, e := range entries {
		if e.Expired(now) {
			expired = append(expired, fmt.Sprintf("  %s (%s), until %s", e.Name, e.Reason, e.ExpiresOn.Format(time.DateOnly)))
		}
	}
	if len(expired) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(at, "Protections have expired", fmt.Sprintf(
		"%s no longer protected from a reclaim:\n%s\n\nExtend expires_on, or remove the entries.", who, strings.Join(expired, "\n")))}
}

// window reads one freeze window.
func (m freezeWindowModel) window() (tfkit.FreezeWindow, error) {
	w := tfkit.FreezeWindow{Reason: m.Reason.ValueString()}
	if len(m.Days) > 0 {
		return m.weekly(w)
	}
	if !m.Timezone.IsNull() {
		return w, fmt.Errorf("timezone is for days; a moment carries its own offset, such as 2026-12-18T00:00:00+01:00")
	}
	var err error
	if w.From, err = moment("from", m.From); err != nil {
		return w, err
	}
	if w.To, err = moment("to", m.To); err != nil {
		return w, err
	}
	if !w.From.Before(w.To) {
		return w, fmt.Errorf("it ends (to = %q) before it begins (from = %q)", m.To.ValueString(), m.From.ValueString())
	}
	return w, nil
}

func moment(name string, value types.String) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, value.ValueString())
	if err != nil {
		return at, fmt.Errorf("%s %q is not a moment such as 2026-12-18T00:00:00Z; for the same time of every week add days", name, value.ValueString())
	}
	return at, nil
}

func (m freezeWindowModel) weekly(w tfkit.FreezeWindow) (tfkit.FreezeWindow, error) {
	names := weekdayNames()
	for _, name := range m.Days {
		for day := time.Sunday; day <= time.Saturday; day++ {
			if names[day] == name {
				w.Days = append(w.Days, day)
			}
		}
	}
	var err error
	if w.Zone, err = time.LoadLocation(m.Timezone.ValueString()); err != nil || m.Timezone.ValueString() == "Local" {
		return w, fmt.Errorf("timezone %q is unknown; write a name such as Europe/Berlin or UTC", m.Timezone.ValueString())
	}
	if w.FromMinute, err = minuteOfDay("from", m.From, 0); err != nil {
		return w, err
	}
	if w.ToMinute, err = minuteOfDay("to", m.To, 24*60); err != nil {
		return w, err
	}
	if w.FromMinute >= w.ToMinute {
		return w, fmt.Errorf("it ends (to = %q) before it begins (from = %q) on the same day; write one window for each of two days",
			m.To.ValueString(), m.From.ValueString())
	}
	return w, nil
}

var timePattern = regexp.MustCompile(`^([01]\d|2[0-3]):([0-5]\d)$|^(24):(00)$`)

func minuteOfDay(name string, value types.String, absent int) (int, error) {
	if value.IsNull() {
		return absent, nil
	}
	if !timePattern.MatchString(value.ValueString()) {
		return 0, fmt.Errorf("%s %q is not a time of the day; with days write HH:MM, from 00:00 to 24:00", name, value.ValueString())
	}
	hour, minute, _ := strings.Cut(value.ValueString(), ":")
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	return h*60 + m, nil
}

var datePattern = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

type dateValidator struct{}

func (dateValidator) Description(context.Context) string { return "must be a day, YYYY-MM-DD" }

func (v dateValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v dateValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	if _, err := time.Parse(time.DateOnly, value); err != nil || !datePattern.MatchString(value) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid day",
			fmt.Sprintf("%s %s, got %q.", req.Path, v.Description(ctx), value))
	}
}
