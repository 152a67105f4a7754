package provider

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

type model struct {
	InstanceURL           types.String `tfsdk:"instance_url"`
	Basic                 types.Object `tfsdk:"basic"`
	Embedded              types.Object `tfsdk:"embedded"`
	MaxConcurrentRequests types.Int64  `tfsdk:"max_concurrent_requests"`
	RequestTimeout        types.String `tfsdk:"request_timeout"`
	ReclamationPolicy     types.Object `tfsdk:"reclamation_policy"`
	RedactUsers           types.Bool   `tfsdk:"redact_users"`
}

type basicModel struct {
	Username types.String `tfsdk:"username"`
	Password types.String `tfsdk:"password"`
}

type embeddedModel struct {
	DatabaseURL           types.String `tfsdk:"database_url"`
	EncryptionKey         types.String `tfsdk:"encryption_key"`
	ReleaseFamily         types.String `tfsdk:"release_family"`
	Notifications         types.String `tfsdk:"notification_delivery"`
	Currency              types.String `tfsdk:"currency"`
	CreateUsers           types.Bool   `tfsdk:"create_users"`
	RetentionDays         types.Int64  `tfsdk:"retention_days"`
	EvidenceRetentionDays types.Int64  `tfsdk:"evidence_retention_days"`
}

// The environment variables of the provider block. SERVICENOW_* are the names that other tools use.
const (
	EnvInstance      = "SERVICENOW_INSTANCE"
	EnvUsername      = "SERVICENOW_USERNAME"
	EnvPassword      = "SERVICENOW_PASSWORD" //nolint:gosec // the name of a variable
	EnvDatabaseURL   = "SERVICENOWSAM_DATABASE_URL"
	EnvEncryptionKey = "SERVICENOWSAM_ENCRYPTION_KEY"
	EnvReleaseFamily = "SERVICENOWSAM_RELEASE_FAMILY"
	EnvNotifications = "SERVICENOWSAM_NOTIFICATION_DELIVERY"
	EnvCurrency      = "SERVICENOWSAM_CURRENCY"

	// Evidence of the run.
	EnvApprovedBy      = "SERVICENOWSAM_APPROVED_BY"
	EnvRunURL          = "SERVICENOWSAM_RUN_URL"
	EnvChangeReference = "SERVICENOWSAM_CHANGE_REFERENCE"
)

// Schema describes the provider block. Which of instance_url and embedded is meant is decided in Configure: a validator
// runs in terraform validate too, where there is no environment.
func (p *Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages ServiceNow Software Asset Management – SaaS License Management: integration profiles and " +
			"their connections, subscriptions, removal candidates, and reviewed reclaims of licences.\n\n" +
			"It works on a ServiceNow instance (`instance_url`), or, without ServiceNow, on the *embedded instance* " +
			"(`embedded`), which talks to the vendors itself. Give exactly one of the two.",
		Attributes: map[string]schema.Attribute{
			"instance_url": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Address of the ServiceNow instance, such as `https://example.service-now.com`. " +
					"Environment: `" + EnvInstance + "`.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"basic": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "Basic authentication at `instance_url`, with a local user of the instance that has the " +
					"roles which the resources name; a plan needs only read access.",
				Attributes: map[string]schema.Attribute{
					"username": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "User name. Environment: `" + EnvUsername + "`.",
					},
					"password": schema.StringAttribute{
						Optional:  true,
						Sensitive: true,
						MarkdownDescription: "Password. Environment: `" + EnvPassword + "`. Give it by an ephemeral variable or by the " +
							"environment: any other variable puts it into a saved plan.",
					},
				},
			},
			"embedded": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "The embedded instance: SaaS License Management inside the provider, over a database of your " +
					"own. For trying, testing, and teams without ServiceNow; never beside a ServiceNow profile for the same " +
					"vendor tenant.",
				Attributes: map[string]schema.Attribute{
					"database_url": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "Where the database is: `sqlite:PATH`, relative to the root module. It is created by the " +
							"first apply. There is no default. Environment: `" + EnvDatabaseURL + "`.",
						Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"encryption_key": schema.StringAttribute{
						Optional:  true,
						Sensitive: true,
						MarkdownDescription: "Seals the connection secrets in the database (at least 16 characters). Default: a key " +
							"file beside the database, readable by its owner alone. Environment: `" + EnvEncryptionKey + "`. Give it by an ephemeral variable or by the " +
							"environment: any other variable puts it into a saved plan.",
					},
					"release_family": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "ServiceNow release that the embedded instance behaves as: `australia` (default) or " +
							"`washingtondc`. Environment: `" + EnvReleaseFamily + "`.",
						Validators: []validator.String{stringvalidator.OneOf(
							string(dictionary.Australia), string(dictionary.WashingtonDC))},
					},
					"notification_delivery": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "Who delivers the messages that ask users before their licence goes. `external`: a program " +
							"of yours reads table `sys_email` of the instance, delivers what is `send-ready`, and sets `type` to `sent` or " +
							"`send-failed`; the days to answer count from there. Without it nobody can be asked, and rules that notify users " +
							"are refused. Environment: `" + EnvNotifications + "`.",
						Validators: []validator.String{stringvalidator.OneOf(instance.DeliveryExternal)},
					},
					"currency": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "Currency in which the embedded instance keeps all amounts, as a code of ISO 4217 such as `EUR`. " +
							"Default: that of the database, which begins with `" + dictionary.DefaultCurrency + "`. It cannot change once there " +
							"are amounts, and none are converted. Environment: `" + EnvCurrency + "`.",
						Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile("^[A-Z]{3}$"), "must be a code of ISO 4217, such as EUR")},
					},
					"create_users": schema.BoolAttribute{
						Optional: true,
						MarkdownDescription: "Whether a refresh makes a `sys_user` per mail address that nobody has (default `true`). Switch it off " +
							"where an HR feed fills `sys_user`. Environment: `" + EnvCreateUsers + "`, which `run-due` reads too.",
					},
					"retention_days": schema.Int64Attribute{
						Optional: true,
						MarkdownDescription: "For how many days data about people is kept that is not needed any more. After that closed removal " +
							"candidates lose their names, and job results, run records, sent messages, undo records and users without " +
							"subscription are deleted; a reclaim cannot be undone then. It happens once a day, with a `subscription_sync` or " +
							"`run-due`. Default: for ever. Environment: `" + EnvRetentionDays + "`, which `run-due` reads too.",
						Validators: []validator.Int64{int64validator.Between(1, maxRetentionDays)},
					},
					"evidence_retention_days": schema.Int64Attribute{
						Optional: true,
						MarkdownDescription: "For how many days the append-only evidence of reclaims is kept. It names who approved them, and nobody " +
							"who lost a licence. At least 365; default: for ever. Environment: `" + EnvEvidenceRetentionDays + "`, which `run-due` reads too.",
						Validators: []validator.Int64{int64validator.Between(minEvidenceDays, maxRetentionDays)},
					},
				},
			},
			"max_concurrent_requests": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "The most requests in flight to the instance at a time (default 4).",
				Validators:          []validator.Int64{int64validator.Between(1, 32)},
			},
			"request_timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "How long one request may take, such as `70s` (default).",
				Validators:          []validator.String{tfkit.Duration()},
			},
			"reclamation_policy": policyAttribute(),
			"redact_users": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether data sources leave out who people are, unless they say otherwise (default `false`). Environment: `" +
					EnvRedactUsers + "`.",
			},
		},
	}
}
