package connection

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// PlanRequest is what a plan of a connection is made from: the configuration, the prior state and the catalogue, and never
// the instance.
type PlanRequest struct {
	Meta   *tfkit.Meta
	What   string // names the object in diagnostics
	Config Model
	State  *Model // nil for a new resource
	// Vendor is the profile type that the alias is for; the zero value where the configuration does not tell, or tells only
	// after apply (VendorUnknown).
	Vendor        dictionary.ProfileType
	VendorUnknown bool
	// DefaultName is what the connection is called where the configuration does not say.
	DefaultName types.String
}

// Plan fills in the vendor's defaults and what is computed, and checks URLs and the kind of the credential.
func (m *Model) Plan(r PlanRequest) diag.Diagnostics {
	if r.Config.ConnectionName.IsNull() {
		m.ConnectionName = r.DefaultName
	}
	if r.Config.ConnectionURL.IsNull() {
		m.ConnectionURL = types.StringUnknown()
		if proposed := r.Vendor.Connection.URL; proposed != "" && !strings.Contains(proposed, "<") {
			m.ConnectionURL = types.StringValue(proposed)
		}
	}
	diags := m.checkURL(r)
	diags.Append(m.checkKind(r)...)
	m.planIDs(r)
	if m.OAuth != nil {
		diags.Append(m.OAuth.plan(r)...)
	}
	return diags
}

func (m Model) checkURL(r PlanRequest) diag.Diagnostics {
	where := path.Root("connection_url")
	switch {
	case m.ConnectionURL.IsUnknown() && r.Config.ConnectionURL.IsNull() && !r.VendorUnknown:
		text := "there is no default URL for it. Set connection_url, or set profile_type to a vendor with one URL for everybody."
		if r.Vendor.Connection.URL != "" {
			text = fmt.Sprintf("%s has a URL for each site. Set connection_url to %s; the function cloud_id of this provider finds the "+
				"id in the address of the site's admin page.", r.Vendor.Product, r.Vendor.Connection.URL)
		}
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(where, "A connection URL is needed",
			fmt.Sprintf("Planning the %s: %s", r.What, text))}
	case m.ConnectionURL.IsUnknown():
		return nil
	}
	if err := r.Meta.CheckBaseURL(m.ConnectionURL.ValueString(), r.Vendor.Connection.Hosts); err != nil {
		text := strings.TrimSuffix(err.Error(), ".") + "."
		if proposed := r.Vendor.Connection.URL; proposed != "" && !strings.Contains(proposed, "<") {
			text += fmt.Sprintf(" Leave connection_url out for the vendor's own, %s.", proposed)
		}
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(where, "Unusable connection URL", fmt.Sprintf("Planning the %s: %s", r.What, text))}
	}
	return nil
}

// Kind is the kind of credential that is set; empty where none is.
func (m Model) Kind() string {
	switch {
	case m.APIKey != nil:
		return dictionary.CredentialKindAPIKey
	case m.OAuth != nil:
		return dictionary.CredentialKindOAuth
	case m.Token != nil:
		return dictionary.CredentialKindToken
	case m.Basic != nil:
		return dictionary.CredentialKindBasic
	}
	return ""
}

func (m Model) checkKind(r PlanRequest) diag.Diagnostics {
	kind, takes := m.Kind(), r.Vendor.Connection
	switch {
	case r.Vendor.Vendor == "" || kind == "":
		return nil
	case !takes.Takes(kind):
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root(kind), "The vendor takes another kind of credential",
			fmt.Sprintf("Planning the %s: %s cannot sign in with %s. Set %s instead.", r.What, r.Vendor.Product, kind,
				strings.Join(takes.Kinds, " or ")))}
	case m.AdminAPIKey != nil && r.Vendor.Vendor != dictionary.VendorConfluence:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("admin_api_key"), "Settings of another vendor",
			fmt.Sprintf("Planning the %s: an admin_api_key is for Confluence, and %s has none. Leave it out.", r.What, r.Vendor.Product))}
	}
	return nil
}

func (m *Model) planIDs(r PlanRequest) {
	m.ConnectionID, m.CredentialID = types.StringUnknown(), types.StringUnknown()
	if r.State == nil || r.State.ConnectionID.IsNull() {
		return
	}
	m.ConnectionID = r.State.ConnectionID
	if !r.State.CredentialID.IsNull() && sam.SameCredentialClass(r.State.Kind(), m.Kind()) {
		m.CredentialID = r.State.CredentialID
	}
}

// plan gives the app the vendor's addresses. What the consent decides is known only where nothing about the app changes.
func (o *OAuth) plan(r PlanRequest) diag.Diagnostics {
	var state *OAuth
	if r.State != nil {
		state = r.State.OAuth
	}
	vendor := r.Vendor.OAuth
	if vendor == nil {
		vendor = &dictionary.OAuthDefaults{}
	}
	config := r.Config.OAuth
	if config == nil {
		return nil
	}
	var diags diag.Diagnostics
	for _, u := range []struct {
		name     string
		config   types.String
		plan     *types.String
		standard string
	}{
		{"authorization_url", config.AuthorizationURL, &o.AuthorizationURL, vendor.AuthURL},
		{"token_url", config.TokenURL, &o.TokenURL, vendor.TokenURL},
	} {
		if u.config.IsNull() {
			*u.plan = types.StringUnknown()
			if u.standard != "" {
				*u.plan = types.StringValue(u.standard)
			}
		}
		where := path.Root("oauth").AtName(u.name)
		switch {
		case u.plan.IsUnknown() && u.config.IsNull() && !r.VendorUnknown:
			diags.AddAttributeError(where, "A URL is needed", fmt.Sprintf(
				"Planning the %s: there is no default for oauth.%s, because the vendor is not known. Set it, or set profile_type.",
				r.What, u.name))
		case u.plan.IsUnknown():
		default:
			if err := r.Meta.CheckBaseURL(u.plan.ValueString(), vendor.Hosts); err != nil {
				diags.AddAttributeError(where, "Unusable URL", fmt.Sprintf("Planning the %s: oauth.%s: %s.", r.What, u.name,
					strings.TrimSuffix(err.Error(), ".")))
			}
		}
	}
	o.planRedirect(r, config, state, vendor.HTTPSOnly)
	if state != nil && o.keepsGrant(*state) {
		o.TokenStatus, o.ExpiresAt = state.TokenStatus, state.ExpiresAt
		return diags
	}
	o.TokenStatus, o.ExpiresAt = types.StringUnknown(), types.StringUnknown()
	return diags
}

func (o *OAuth) planRedirect(r PlanRequest, config, state *OAuth, httpsOnly bool) {
	switch {
	case !config.RedirectURL.IsNull():
	case state != nil && !state.RedirectURL.IsNull():
		o.RedirectURL = state.RedirectURL
	case r.Meta.DatabasePath != "" && !r.VendorUnknown:
		o.RedirectURL = types.StringValue(sam.Instance{Kind: companion.KindEmbedded}.RedirectURL(httpsOnly))
	default:
		o.RedirectURL = types.StringUnknown()
	}
}

// keepsGrant tells whether nothing changes that a grant depends on.
func (o OAuth) keepsGrant(state OAuth) bool {
	return o.ClientID.Equal(state.ClientID) && o.ClientSecretVersion.Equal(state.ClientSecretVersion) &&
		o.RefreshTokenVersion.Equal(state.RefreshTokenVersion) && o.TokenURL.Equal(state.TokenURL) &&
		!state.TokenStatus.IsNull()
}
