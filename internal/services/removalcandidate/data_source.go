// Package removalcandidate is the Terraform surface of removal candidates.
package removalcandidate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = &candidates{}

// NewDataSource makes the data source servicenowsam_removal_candidates.
func NewDataSource() datasource.DataSource { return &candidates{} }

type candidates struct{ tfkit.DataSource }

type model struct {
	ProfileID   types.String     `tfsdk:"profile_id"`
	States      []string         `tfsdk:"states"`
	OpenOnly    types.Bool       `tfsdk:"open_only"`
	Limit       types.Int64      `tfsdk:"limit"`
	RedactUsers types.Bool       `tfsdk:"redact_users"`
	redact      bool             `tfsdk:"-"`
	TotalCount  types.Int64      `tfsdk:"total_count"`
	Counts      map[string]int64 `tfsdk:"counts"`
	Candidates  []candidateModel `tfsdk:"candidates"`
	CSV         types.String     `tfsdk:"csv"`
	Markdown    types.String     `tfsdk:"markdown"`
}

type candidateModel struct {
	ID                types.String `tfsdk:"id"`
	Number            types.String `tfsdk:"number"`
	State             types.String `tfsdk:"state"`
	Open              types.Bool   `tfsdk:"open"`
	Justification     types.String `tfsdk:"justification"`
	Product           types.String `tfsdk:"product"`
	Publisher         types.String `tfsdk:"publisher"`
	SoftwareModel     types.String `tfsdk:"software_model"`
	ProfileID         types.String `tfsdk:"profile_id"`
	SubscriptionID    types.String `tfsdk:"subscription_id"`
	UserID            types.String `tfsdk:"user_id"`
	UserName          types.String `tfsdk:"user_name"`
	UserPrincipalName types.String `tfsdk:"user_principal_name"`
	UserMark          types.String `tfsdk:"user_mark"`
	Leaver            types.Bool   `tfsdk:"leaver"`
	Department        types.String `tfsdk:"department"`
	CostCenter        types.String `tfsdk:"cost_center"`
	InactiveDays      types.Int64  `tfsdk:"inactive_days"`
	LastActivity      types.String `tfsdk:"last_activity"`
	PotentialSavings  types.String `tfsdk:"potential_savings"`
	ErrorMessage      types.String `tfsdk:"error_message"`
	NotifiedAt        types.String `tfsdk:"notified_at"`
	Answer            types.String `tfsdk:"answer"`
	OpenedAt          types.String `tfsdk:"opened_at"`
	ClosedAt          types.String `tfsdk:"closed_at"`
}

// stateName is the name of a state in HCL: its label, in lower case with underscores.
func stateName(value string) string {
	return strings.ReplaceAll(strings.ToLower(dictionary.CandidateStateLabel(value)), " ", "_")
}

func stateNames() []string {
	var names []string
	for _, s := range dictionary.CandidateStates() {
		names = append(names, stateName(s.Value))
	}
	return names
}

func (d *candidates) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_removal_candidates"
}

func (d *candidates) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	states := "`" + strings.Join(stateNames(), "`, `") + "`"
	resp.Schema = schema.Schema{
		MarkdownDescription: "Removal candidates (`samp_sw_reclamation_candidate`): licences that a rule proposes to take back. " +
			"Counts are always of everything that matches, whatever the `limit`.\n\n" +
			"The rows are personal data and end up in the state; `redact_users` leaves the people out.\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"profile_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only candidates of this integration profile (`sys_id`).",
				Validators:          []validator.String{tfkit.SysID()},
			},
			"states": schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Only candidates in these states: " + states + ".",
				Validators:          []validator.List{listvalidator.ValueStringsAre(stringvalidator.OneOf(stateNames()...))},
			},
			"open_only": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Only open candidates (default `true` without `states`, else `false`).",
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
			"total_count": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many candidates match."},
			"counts": schema.MapAttribute{
				ElementType:         types.Int64Type,
				Computed:            true,
				MarkdownDescription: "How many of them by state.",
			},
			"candidates": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The candidates, in the order of their `sys_id`.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":                  text("The `sys_id` of the candidate."),
					"number":              text("Number, such as `RCC0000001`."),
					"state":               text("State, one of " + states + "."),
					"open":                schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the candidate is open."},
					"justification":       text("Why it is a candidate, such as `low_usage`."),
					"product":             text("Product."),
					"publisher":           text("Publisher."),
					"software_model":      text("Software model."),
					"profile_id":          text("The `sys_id` of the integration profile."),
					"subscription_id":     text("The `sys_id` of the subscription; null once the licence is gone."),
					"user_id":             text("The `sys_id` of the user."),
					"user_name":           text("Name of that user."),
					"user_principal_name": text("Login at the vendor; null once the licence is gone."),
					"user_mark": text("Stands for the person in `approved_users` of `servicenowsam_license_reclamation`: a salted hash of the vendor's " +
						"user id; null once the licence is gone."),
					"leaver":      schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the person left: the user record is inactive."},
					"department":  text("Department of the person."),
					"cost_center": text("Cost centre of the person."),
					"inactive_days": schema.Int64Attribute{
						Computed: true, MarkdownDescription: "Days since the last activity; null if never seen.",
					},
					"last_activity":     text("Day of the last activity; null if never seen, or once the licence is gone."),
					"potential_savings": text("Cost of the right, in the instance's currency."),
					"error_message":     text("Why the last attempt to reclaim failed; null if none did."),
					"notified_at":       text("When the user was told (RFC 3339, UTC); null where not, and on a ServiceNow instance."),
					"answer":            text("What the user answered, `release` or `keep`; null where nothing, and on a ServiceNow instance."),
					"opened_at":         text("When it was opened (RFC 3339, UTC)."),
					"closed_at":         text("When it was closed (RFC 3339, UTC); null while open."),
				}},
			},
			"csv": text("The candidates as CSV with a heading, for a file that people review: number, mark of the user, product, justification, " +
				"inactive days, whether the person left, potential savings. It names nobody, whatever `redact_users` says."),
			"markdown": text("The same as a Markdown table without the marks, for the text of a pull request."),
		},
	}
}

func (d *candidates) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	filter := config.filter()
	filter.OnHidden = tfkit.WarnHidden(&resp.Diagnostics, "Removal candidates")
	config.redact = d.Redacts(config.RedactUsers)
	if err := config.fill(ctx, client, filter); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", "removal candidates", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

func (m model) filter() sam.CandidateFilter {
	f := sam.CandidateFilter{
		ProfileSysID: m.ProfileID.ValueString(),
		OpenOnly:     m.OpenOnly.ValueBool() || m.OpenOnly.IsNull() && len(m.States) == 0,
	}
	for _, s := range dictionary.CandidateStates() {
		for _, wanted := range m.States {
			if wanted == stateName(s.Value) {
				f.States = append(f.States, s.Value)
			}
		}
	}
	return f
}

func (m *model) fill(ctx context.Context, client *sam.Client, f sam.CandidateFilter) error {
	counts, err := client.Candidates.CountByState(ctx, f)
	if err != nil {
		return err
	}
	total := int64(0)
	m.Counts = map[string]int64{}
	for state, n := range counts {
		m.Counts[stateName(state)] = int64(n)
		total += int64(n)
	}
	m.TotalCount = types.Int64Value(total)
	m.Candidates = []candidateModel{}
	m.CSV, m.Markdown = types.StringValue(csvOf(nil)), types.StringValue(markdownOf(nil))
	limit := int64(tfkit.RowLimit)
	if !m.Limit.IsNull() {
		limit = m.Limit.ValueInt64()
	}
	var shown []sam.Candidate
	if limit == 0 {
		return nil
	}
	for c, err := range client.Candidates.All(ctx, f) {
		if err != nil {
			return err
		}
		m.Candidates = append(m.Candidates, row(c))
		shown = append(shown, c)
		if int64(len(shown)) == limit {
			break
		}
	}
	if err := m.showUsers(ctx, client, shown); err != nil {
		return err
	}
	m.CSV, m.Markdown = types.StringValue(csvOf(m.Candidates)), types.StringValue(markdownOf(m.Candidates))
	return nil
}

// showUsers adds what is known of the people, or takes away what tells who they are.
func (m *model) showUsers(ctx context.Context, client *sam.Client, shown []sam.Candidate) error {
	var ids []string
	for _, c := range shown {
		ids = append(ids, c.UserSysID, c.Holder())
	}
	slices.Sort(ids)
	users, err := client.Users.ByIDs(ctx, slices.Compact(ids))
	if err != nil {
		return err
	}
	for i, found := range shown {
		c, holder := &m.Candidates[i], users[found.Holder()]
		c.Leaver = types.BoolValue(holder.Left())
		if m.redact {
			c.UserID, c.UserPrincipalName, c.ErrorMessage = types.StringNull(), types.StringNull(), types.StringNull()
			continue
		}
		c.UserName = tfkit.StringOrNull(users[found.UserSysID].Name)
		c.Department, c.CostCenter = tfkit.StringOrNull(holder.Department), tfkit.StringOrNull(holder.CostCenter)
	}
	return nil
}

func row(c sam.Candidate) candidateModel {
	m := candidateModel{
		ID:                types.StringValue(c.SysID),
		Number:            types.StringValue(c.Number),
		State:             types.StringValue(stateName(c.State)),
		Open:              types.BoolValue(c.Open),
		Justification:     tfkit.StringOrNull(c.Justification),
		Product:           tfkit.StringOrNull(c.Product),
		Publisher:         tfkit.StringOrNull(c.Publisher),
		SoftwareModel:     tfkit.StringOrNull(c.SoftwareModel),
		ProfileID:         tfkit.StringOrNull(c.ProfileSysID),
		SubscriptionID:    tfkit.StringOrNull(c.SubscriptionSysID),
		UserID:            tfkit.StringOrNull(c.UserSysID),
		UserPrincipalName: tfkit.StringOrNull(c.UserPrincipalName),
		UserMark:          tfkit.StringOrNull(companion.UserMark(c.SysID, c.ExternalUserID)),
		LastActivity:      tfkit.DateOrNull(c.LastActivity),
		PotentialSavings:  tfkit.StringOrNull(c.PotentialSavings),
		ErrorMessage:      tfkit.StringOrNull(c.ErrorMessage),
		NotifiedAt:        tfkit.TimeOrNull(c.NotifiedOn),
		Answer:            tfkit.StringOrNull(c.Answer),
		OpenedAt:          tfkit.TimeOrNull(c.OpenedAt),
		ClosedAt:          tfkit.TimeOrNull(c.ClosedAt),
	}
	if c.InactiveDays != nil {
		m.InactiveDays = types.Int64Value(int64(*c.InactiveDays))
	}
	return m
}
