// Package softwaresubscription is the Terraform surface of software subscriptions.
package softwaresubscription

import (
	"context"
	"fmt"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = &subscriptions{}

// NewDataSource makes the data source servicenowsam_software_subscriptions.
func NewDataSource() datasource.DataSource { return &subscriptions{} }

type subscriptions struct{ tfkit.DataSource }

type model struct {
	ProfileID        types.String        `tfsdk:"profile_id"`
	User             types.String        `tfsdk:"user"`
	WithoutUser      types.Bool          `tfsdk:"without_user"`
	Active           types.Bool          `tfsdk:"active"`
	MinInactiveDays  types.Int64         `tfsdk:"min_inactive_days"`
	Limit            types.Int64         `tfsdk:"limit"`
	RedactUsers      types.Bool          `tfsdk:"redact_users"`
	redact           bool                `tfsdk:"-"`
	TotalCount       types.Int64         `tfsdk:"total_count"`
	WithoutUserCount types.Int64         `tfsdk:"without_user_count"`
	Buckets          map[string]int64    `tfsdk:"buckets"`
	Subscriptions    []subscriptionModel `tfsdk:"subscriptions"`
}

type subscriptionModel struct {
	ID                types.String `tfsdk:"id"`
	UserPrincipalName types.String `tfsdk:"user_principal_name"`
	ExternalUserID    types.String `tfsdk:"external_user_id"`
	UserID            types.String `tfsdk:"user_id"`
	UserName          types.String `tfsdk:"user_name"`
	Product           types.String `tfsdk:"product"`
	Publisher         types.String `tfsdk:"publisher"`
	SoftwareModel     types.String `tfsdk:"software_model"`
	Identifier        types.String `tfsdk:"subscription_identifier"`
	ProfileID         types.String `tfsdk:"profile_id"`
	ExternalCreated   types.String `tfsdk:"external_created"`
	LastActivity      types.String `tfsdk:"last_activity"`
	InactiveDays      types.Int64  `tfsdk:"inactive_days"`
	Active            types.Bool   `tfsdk:"active"`
	Excluded          types.Bool   `tfsdk:"excluded_from_metering"`
}

func (d *subscriptions) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_software_subscriptions"
}

func (d *subscriptions) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Software subscriptions (`samp_sw_subscription`): who holds a licence, and when they were last seen. " +
			"Counts are always of everything that matches, whatever the `limit`.\n\n" +
			"The rows are personal data and end up in the state; `redact_users` leaves the people out.\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"profile_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only subscriptions of this integration profile (`sys_id`).",
				Validators:          []validator.String{tfkit.SysID()},
			},
			"user": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Only subscriptions of this user: the `sys_id` of a `sys_user`, or the login at the vendor " +
					"(normally a mail address).",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"without_user": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Only subscriptions for which no `sys_user` was found, or, with `false`, only those for which one was. " +
					"`servicenowsam_user_resolution_rule` can find more.",
			},
			"active": schema.BoolAttribute{Optional: true, MarkdownDescription: "Only subscriptions that are, or are not, active."},
			"min_inactive_days": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Only subscriptions whose user was last seen at least so many days ago, or never.",
				Validators:          []validator.Int64{int64validator.Between(1, 36500)},
			},
			"limit": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("The most rows to return (default %d). 0 returns the counts alone.", tfkit.RowLimit),
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
			},
			"redact_users": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Leave out everything that tells who a person is (default: `redact_users` of the provider block).",
			},
			"total_count":        schema.Int64Attribute{Computed: true, MarkdownDescription: "How many subscriptions match."},
			"without_user_count": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many of them have no `sys_user`: nobody, or several, have that login."},
			"buckets": schema.MapAttribute{
				ElementType: types.Int64Type,
				Computed:    true,
				MarkdownDescription: "How many of them by days since the last activity: `0-30`, `31-60`, `61-90`, `91-120`, " +
					"`over_120`, and `never`.",
			},
			"subscriptions": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The subscriptions, in the order of their `sys_id`.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":                      text("The `sys_id` of the subscription."),
					"user_principal_name":     text("Login at the vendor, normally the mail address."),
					"external_user_id":        text("The vendor's id of the account."),
					"user_id":                 text("The `sys_id` of the resolved `sys_user`; null where none was found."),
					"user_name":               text("Name of that user."),
					"product":                 text("Product."),
					"publisher":               text("Publisher."),
					"software_model":          text("Software model."),
					"subscription_identifier": text("The vendor's product or plan."),
					"profile_id":              text("The `sys_id` of the integration profile."),
					"external_created":        text("When the account was made at the vendor (RFC 3339)."),
					"last_activity":           text("Day of the last activity; null if never seen."),
					"inactive_days": schema.Int64Attribute{
						Computed: true, MarkdownDescription: "Days since the last activity; null if never seen.",
					},
					"active": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the subscription is active."},
					"excluded_from_metering": schema.BoolAttribute{
						Computed: true,
						MarkdownDescription: "Whether an exclusion rule leaves it out of metering and cost figures; null where the instance does " +
							"not tell, as on ServiceNow.",
					},
				}},
			},
		},
	}
}

func (d *subscriptions) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	filter := config.filter()
	filter.Today = d.Meta.Now()
	filter.OnHidden = tfkit.WarnHidden(&resp.Diagnostics, "Software subscriptions")
	config.redact = d.Redacts(config.RedactUsers)
	if err := config.fill(ctx, client, filter); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", "software subscriptions", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

func (m model) filter() sam.SubscriptionFilter {
	f := sam.SubscriptionFilter{
		ProfileSysID:    m.ProfileID.ValueString(),
		MinInactiveDays: int(min(m.MinInactiveDays.ValueInt64(), math.MaxInt32)),
	}
	if user := m.User.ValueString(); tfkit.IsSysID(user) {
		f.UserSysID = user
	} else {
		f.UserPrincipalName = user
	}
	f.Active, f.WithoutUser = m.Active.ValueBoolPointer(), m.WithoutUser.ValueBoolPointer()
	return f
}

func (m *model) fill(ctx context.Context, client *sam.Client, f sam.SubscriptionFilter) error {
	total, err := client.Subscriptions.Count(ctx, f)
	if err != nil {
		return err
	}
	buckets, err := client.Subscriptions.Buckets(ctx, f, f.Today)
	if err != nil {
		return err
	}
	without, err := countWithoutUser(ctx, client, f)
	if err != nil {
		return err
	}
	m.TotalCount, m.WithoutUserCount = types.Int64Value(int64(total)), types.Int64Value(int64(without))
	m.Buckets = map[string]int64{
		"0-30": int64(buckets.Days0To30), "31-60": int64(buckets.Days31To60), "61-90": int64(buckets.Days61To90),
		"91-120": int64(buckets.Days91To120), "over_120": int64(buckets.Over120), "never": int64(buckets.Never),
	}
	limit := int64(tfkit.RowLimit)
	if !m.Limit.IsNull() {
		limit = m.Limit.ValueInt64()
	}
	m.Subscriptions = []subscriptionModel{}
	var users []string
	if limit == 0 {
		return nil
	}
	for s, err := range client.Subscriptions.All(ctx, f) {
		if err != nil {
			return err
		}
		m.Subscriptions = append(m.Subscriptions, row(s))
		users = append(users, s.UserSysID)
		if int64(len(m.Subscriptions)) == limit {
			break
		}
	}
	return m.showUsers(ctx, client, users)
}

func countWithoutUser(ctx context.Context, client *sam.Client, f sam.SubscriptionFilter) (int, error) {
	without := true
	if f.WithoutUser != nil && !*f.WithoutUser {
		return 0, nil
	}
	f.WithoutUser = &without
	return client.Subscriptions.Count(ctx, f)
}

// showUsers adds names, or takes everything personal away.
func (m *model) showUsers(ctx context.Context, client *sam.Client, users []string) error {
	if m.redact {
		for i := range m.Subscriptions {
			s := &m.Subscriptions[i]
			s.UserPrincipalName, s.ExternalUserID = types.StringNull(), types.StringNull()
			s.UserID, s.UserName = types.StringNull(), types.StringNull()
		}
		return nil
	}
	names, err := tfkit.UserNames(ctx, client, users)
	if err != nil {
		return err
	}
	for i := range m.Subscriptions {
		m.Subscriptions[i].UserName = tfkit.StringOrNull(names[users[i]])
	}
	return nil
}

func row(s sam.Subscription) subscriptionModel {
	m := subscriptionModel{
		ID:                types.StringValue(s.SysID),
		UserPrincipalName: tfkit.StringOrNull(s.UserPrincipalName),
		ExternalUserID:    tfkit.StringOrNull(s.ExternalUserID),
		UserID:            tfkit.StringOrNull(s.UserSysID),
		Product:           tfkit.StringOrNull(s.Product),
		Publisher:         tfkit.StringOrNull(s.Publisher),
		SoftwareModel:     tfkit.StringOrNull(s.SoftwareModel),
		Identifier:        tfkit.StringOrNull(s.Identifier),
		ProfileID:         tfkit.StringOrNull(s.ProfileSysID),
		ExternalCreated:   tfkit.TimeOrNull(s.ExternalCreated),
		LastActivity:      tfkit.DateOrNull(s.LastActivity),
		Active:            types.BoolValue(s.Active),
		Excluded:          types.BoolPointerValue(s.Excluded),
	}
	if s.InactiveDays != nil {
		m.InactiveDays = types.Int64Value(int64(*s.InactiveDays))
	}
	return m
}
