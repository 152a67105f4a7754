package provider

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// embeddedBaseURL is the address that the in-memory transport is asked under; it answers any.
const embeddedBaseURL = "http://localhost"

// embeddedRetryWait is short: no network is in between, and an error of the database that does not pass must not cost
// seconds.
const embeddedRetryWait = 20 * time.Millisecond

// Configure chooses the instance and makes the client. It opens neither a connection nor a database.
func (p *Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	if unknown := config.unknown(); len(unknown) > 0 {
		meta := tfkit.NewMeta(nil)
		meta.Unknown = unknown
		p.fill(ctx, meta)
		handOut(resp, meta)
		return
	}
	settings, diags := p.settings(ctx, config)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	meta, diags := p.connect(ctx, settings, req.TerraformVersion)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	policy, diags := policyOf(ctx, config, p.options.Now())
	resp.Diagnostics.Append(diags...)
	meta.Policy = policy
	handOut(resp, meta)
}

func handOut(resp *provider.ConfigureResponse, meta *tfkit.Meta) {
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = meta, meta, meta, meta
}

// unknown lists the attributes whose values are not known yet. With one of them unknown there is no client at all: not
// even the reclamation policy may be guessed.
func (m model) unknown() []string {
	var names []string
	var walk func(name string, value attr.Value)
	walk = func(name string, value attr.Value) {
		if value.IsUnknown() {
			names = append(names, name)
			return
		}
		switch v := value.(type) {
		case types.Object:
			for key, inner := range v.Attributes() {
				walk(name+"."+key, inner)
			}
		case types.List:
			for i, inner := range v.Elements() {
				walk(fmt.Sprintf("%s[%d]", name, i), inner)
			}
		}
	}
	walk("instance_url", m.InstanceURL)
	walk("basic", m.Basic)
	walk("embedded", m.Embedded)
	walk("max_concurrent_requests", m.MaxConcurrentRequests)
	walk("request_timeout", m.RequestTimeout)
	walk("reclamation_policy", m.ReclamationPolicy)
	return names
}

// settings is the provider block with the environment filled in.
type settings struct {
	instanceURL        string
	username, password string
	databaseURL        string
	encryptionKey      string
	releaseFamily      dictionary.ReleaseFamily
	people             People
	redactUsers        bool
	notifications      string
	currency           string
	maxConcurrent      int
	timeout            time.Duration
}

func (s settings) embedded() bool { return s.databaseURL != "" }

const bothForms = `A ServiceNow instance:

  provider "servicenowsam" {
    instance_url = "https://example.service-now.com"
    basic        = { username = "...", password = "..." }
  }

The embedded instance, without ServiceNow:

  provider "servicenowsam" {
    embedded = { database_url = "sqlite:sam.db" }
  }

Where the block sets neither, the environment chooses: SERVICENOW_INSTANCE (with SERVICENOW_USERNAME and SERVICENOW_PASSWORD) or SERVICENOWSAM_DATABASE_URL.`

// settings decides between the two kinds of instance. The environment chooses only where the block sets neither.
func (p *Provider) settings(ctx context.Context, config model) (settings, diag.Diagnostics) {
	s := settings{maxConcurrent: int(config.MaxConcurrentRequests.ValueInt64())}
	s.timeout, _ = time.ParseDuration(config.RequestTimeout.ValueString())
	var diags diag.Diagnostics
	s.redactUsers, diags = p.redactUsers(config.RedactUsers)
	embedded := !config.Embedded.IsNull()
	remote := !config.InstanceURL.IsNull()
	if !embedded && !remote {
		embedded = p.options.Getenv(EnvDatabaseURL) != ""
		remote = p.options.Getenv(EnvInstance) != ""
	}
	switch {
	case embedded && remote:
		diags.AddError("Both kinds of instance are configured", "Configuring the provider: instance_url and embedded exclude each "+
			"other. Keep one of them.\n\n"+bothForms)
	case !embedded && !remote:
		diags.AddError("No instance is configured", "Configuring the provider: it needs to know which instance to work on.\n\n"+
			bothForms)
	case embedded:
		diags.Append(p.embeddedSettings(ctx, config, &s)...)
	default:
		diags.Append(p.remoteSettings(ctx, config, &s)...)
	}
	return s, diags
}

func (p *Provider) embeddedSettings(ctx context.Context, config model, s *settings) diag.Diagnostics {
	var m embeddedModel
	diags := config.Embedded.As(ctx, &m, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true})
	s.databaseURL = p.setting(m.DatabaseURL, EnvDatabaseURL)
	s.encryptionKey = p.setting(m.EncryptionKey, EnvEncryptionKey)
	s.releaseFamily = dictionary.ReleaseFamily(p.setting(m.ReleaseFamily, EnvReleaseFamily))
	s.notifications = p.setting(m.Notifications, EnvNotifications)
	s.currency = p.setting(m.Currency, EnvCurrency)
	if s.releaseFamily == "" {
		s.releaseFamily = dictionary.Australia
	}
	people, wrong := p.people(m)
	diags.Append(wrong...)
	s.people = people
	if s.databaseURL == "" {
		diags.AddAttributeError(path.Root("embedded").AtName("database_url"), "The embedded instance needs a database",
			"Configuring the provider: embedded has no database_url, and there is no default, because what is in the database "+
				"must not be lost. Set it to sqlite:PATH, or set "+EnvDatabaseURL+".")
	}
	if !config.Basic.IsNull() {
		diags.AddAttributeError(path.Root("basic"), "Credentials without an instance",
			"Configuring the provider: basic is for instance_url; the embedded instance asks for no credentials. Leave it out.")
	}
	return diags
}

func (p *Provider) remoteSettings(ctx context.Context, config model, s *settings) diag.Diagnostics {
	var m basicModel
	diags := config.Basic.As(ctx, &m, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true})
	s.instanceURL = p.setting(config.InstanceURL, EnvInstance)
	s.username = p.setting(m.Username, EnvUsername)
	s.password = p.setting(m.Password, EnvPassword)
	s.releaseFamily = dictionary.Australia
	if s.username == "" {
		diags.AddAttributeError(path.Root("basic").AtName("username"), "The instance needs a user name",
			"Configuring the provider: there is no user name for instance_url. Set basic.username or "+EnvUsername+".")
	}
	if s.password == "" {
		diags.AddAttributeError(path.Root("basic").AtName("password"), "The instance needs a password",
			"Configuring the provider: there is no password for instance_url. Set basic.password or "+EnvPassword+".")
	}
	return diags
}

// setting is the configured value, else that of the environment.
func (p *Provider) setting(configured types.String, variable string) string {
	if configured.IsNull() {
		return p.options.Getenv(variable)
	}
	return configured.ValueString()
}

func (p *Provider) fill(ctx context.Context, meta *tfkit.Meta) {
	meta.Now = p.options.Now
	meta.Evidence = companion.Evidence{
		ChangeReference: p.options.Getenv(EnvChangeReference), ApprovedBy: p.options.Getenv(EnvApprovedBy), RunURL: p.options.Getenv(EnvRunURL),
	}
	meta.Log = tfkit.Logger(ctx)
	meta.CheckBaseURL = connector.CheckBaseURL
	if meta.ReleaseFamily == "" {
		meta.ReleaseFamily = dictionary.Australia
	}
}

// connect makes the client, over the network or over the in-memory transport of an embedded instance.
func (p *Provider) connect(ctx context.Context, s settings, terraformVersion string) (*tfkit.Meta, diag.Diagnostics) {
	var diags diag.Diagnostics
	log := tfkit.Logger(ctx)
	config := servicenow.Config{
		BaseURL:       s.instanceURL,
		Auth:          servicenow.Basic(s.username, s.password),
		MaxConcurrent: s.maxConcurrent,
		Timeout:       s.timeout,
		UserAgent:     fmt.Sprintf("terraform-provider-servicenowsam/%s (Terraform %s)", p.options.Version, terraformVersion),
		Log:           log,
		Now:           p.options.Now,
	}
	where := path.Root("instance_url")
	if s.embedded() {
		embedded, err := instance.New(instance.Config{
			DatabaseURL:   s.databaseURL,
			EncryptionKey: s.encryptionKey,
			ReleaseFamily: s.releaseFamily,
			Connectors:    p.options.Connectors,
			Version:       p.options.Version,
			Now:           p.options.Now,
			Log:           log,
			Faults:        p.options.Faults,
			KeepUsers:     !s.people.CreateUsers, RetentionDays: s.people.RetentionDays, EvidenceRetentionDays: s.people.EvidenceRetentionDays,
			Currency: s.currency,

			NotificationDelivery: s.notifications,
		})
		if err != nil {
			diags.AddAttributeError(path.Root("embedded"), "The embedded instance cannot be configured",
				fmt.Sprintf("Configuring the provider: %s.", strings.TrimSuffix(err.Error(), ".")))
			return nil, diags
		}
		p.keep(embedded)
		config.RetryWait, config.InProcess = embeddedRetryWait, true
		config.BaseURL, config.Auth, config.Transport = embeddedBaseURL, servicenow.Anonymous(), embedded.Transport()
		where = path.Root("embedded")
	}
	rest, err := servicenow.New(config)
	if err != nil {
		diags.AddAttributeError(where, "The instance cannot be reached like this",
			fmt.Sprintf("Configuring the provider: %s.", strings.TrimSuffix(err.Error(), ".")))
		return nil, diags
	}
	meta := tfkit.NewMeta(sam.New(rest))
	meta.ReleaseFamily, meta.RedactUsers = s.releaseFamily, s.redactUsers
	if !s.embedded() {
		meta.Host = rest.Host()
	}
	meta.DatabasePath, meta.KeyConfigured = databasePath(s.databaseURL), s.encryptionKey != ""
	p.fill(ctx, meta)
	return meta, diags
}

// databasePath is where the file of a database URL is, for people to find it.
func databasePath(databaseURL string) string {
	_, file, ok := strings.Cut(databaseURL, ":")
	if !ok {
		return ""
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		return file
	}
	return absolute
}
