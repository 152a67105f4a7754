package connection

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// SaveRequest is a connection to save.
type SaveRequest struct {
	Client     *sam.Client
	Instance   sam.Instance
	Now        time.Time
	What       string // names the object in diagnostics
	AliasSysID string
	Vendor     dictionary.ProfileType // zero where not known
	Config     Model                  // the only place where write-only values are
	State      *Model                 // nil for a new resource
}

// Saved is a connection that was saved.
type Saved struct {
	sam.Connection
	// Before is the credential as it was; the zero value where there was none.
	Before sam.Credential
	// Sent tells whether secrets were sent.
	Sent bool
}

// Save makes the connection as planned and fills in what the plan left unknown. It starts from the connection as it is
// now, so that an apply does not undo what somebody else changed after the plan was made; the next plan shows that.
func (m *Model) Save(ctx context.Context, r SaveRequest) (Saved, diag.Diagnostics) {
	if diags := m.refuseKind(r); diags.HasError() {
		return Saved{}, diags
	}
	current, diags := r.current(ctx)
	if diags.HasError() {
		return Saved{}, diags
	}
	if diags := m.fillDefaults(r); diags.HasError() {
		return Saved{}, diags
	}
	input := m.input(r, current)
	connection, err := r.Client.Aliases.SaveConnection(ctx, input)
	if err != nil {
		return Saved{}, diag.Diagnostics{r.saveFailed(err)}
	}
	m.ConnectionID = types.StringValue(connection.SysID)
	m.CredentialID = types.StringValue(connection.Credential.SysID)
	if m.OAuth != nil && connection.Credential.OAuth != nil {
		m.OAuth.resolve(*connection.Credential.OAuth, r.Now)
	}
	sent := r.State == nil || m.sendsSecrets(*r.State)
	return Saved{Connection: connection, Before: current.Credential, Sent: sent}, nil
}

// saveFailed explains a refusal. A connection cannot be imported on its own, so one that is in the way is told of by its
// alias.
func (r SaveRequest) saveFailed(err error) diag.Diagnostic {
	var taken *sam.ConnectionTakenError
	if !errors.As(err, &taken) {
		return tfkit.ErrorDiagnostic("save the connection of", r.What, err)
	}
	owner, otherwise := "no alias", ""
	if taken.AliasSysID != "" {
		owner = fmt.Sprintf("the alias %s", taken.AliasID)
		otherwise = fmt.Sprintf(", or let Terraform manage that alias, with its connection, by importing it (id %q)", taken.AliasSysID)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("connection_name"), "Another connection has this name", fmt.Sprintf(
		"Saving the connection of the %s: the connection %q belongs to %s, and names of connections are unique. Choose another "+
			"connection_name%s.", r.What, taken.Name, owner, otherwise))
}

// refuseKind fails where the instance says that it does not take this kind of credential.
func (m Model) refuseKind(r SaveRequest) diag.Diagnostics {
	kinds := r.Instance.CredentialKinds
	if len(kinds) == 0 || slices.Contains(kinds, m.Kind()) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root(m.Kind()), "The instance takes other kinds of credential",
		fmt.Sprintf("Saving the connection of the %s: the instance can keep credentials of the kinds %s, and not %s. Nothing was "+
			"changed.", r.What, strings.Join(kinds, ", "), m.Kind()))}
}

// fillDefaults gives what the plan could not know, because the vendor was not known yet, the vendor's defaults.
func (m *Model) fillDefaults(r SaveRequest) diag.Diagnostics {
	if m.ConnectionURL.IsUnknown() {
		proposed := r.Vendor.Connection.URL
		if proposed == "" || strings.Contains(proposed, "<") {
			return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("connection_url"), "A connection URL is needed",
				fmt.Sprintf("Saving the connection of the %s: there is no default URL for it. Set connection_url.", r.What))}
		}
		m.ConnectionURL = types.StringValue(proposed)
	}
	if m.OAuth == nil {
		return nil
	}
	vendor := r.Vendor.OAuth
	if vendor == nil {
		vendor = &dictionary.OAuthDefaults{}
	}
	for name, u := range map[string]struct {
		plan     *types.String
		standard string
	}{
		"authorization_url": {&m.OAuth.AuthorizationURL, vendor.AuthURL}, "token_url": {&m.OAuth.TokenURL, vendor.TokenURL},
	} {
		if !u.plan.IsUnknown() {
			continue
		}
		if u.standard == "" {
			return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("oauth").AtName(name), "A URL is needed",
				fmt.Sprintf("Saving the connection of the %s: there is no default for oauth.%s. Set it.", r.What, name))}
		}
		*u.plan = types.StringValue(u.standard)
	}
	return nil
}

// current is the connection that the state is about; the zero value for a new one.
func (r SaveRequest) current(ctx context.Context) (sam.Connection, diag.Diagnostics) {
	if r.State == nil || r.State.ConnectionID.IsNull() {
		return sam.Connection{}, nil
	}
	current, err := r.Client.Aliases.Connection(ctx, r.AliasSysID)
	switch {
	case errors.Is(err, sam.ErrNotFound), err == nil && current.SysID != r.State.ConnectionID.ValueString():
		return current, diag.Diagnostics{diag.NewErrorDiagnostic("The connection changed after the plan was made", fmt.Sprintf(
			"Updating the connection of the %s: the connection %s, which the plan is about, is not the alias's connection any "+
				"more. Nothing was changed. Plan again and review what the new plan shows.",
			r.What, r.State.ConnectionID.ValueString()))}
	case err != nil:
		return current, diag.Diagnostics{tfkit.ErrorDiagnostic("read the connection of", r.What, err)}
	}
	return current, nil
}

// input is the connection as it is now with the planned changes on top.
func (m Model) input(r SaveRequest, current sam.Connection) sam.ConnectionInput {
	input := sam.ConnectionInput{
		AliasSysID: r.AliasSysID,
		SysID:      current.SysID,
		Name:       m.ConnectionName.ValueString(),
		URL:        m.ConnectionURL.ValueString(),
		Active:     m.Active.ValueBool(),
		Credential: m.credential(r, current.Credential),
	}
	if current.SysID == "" {
		return input
	}
	if m.ConnectionName.Equal(r.State.ConnectionName) {
		input.Name = current.Name
	}
	if m.ConnectionURL.Equal(r.State.ConnectionURL) {
		input.URL = current.URL
	}
	if m.Active.Equal(r.State.Active) {
		input.Active = current.Active
	}
	return input
}

func (m Model) credential(r SaveRequest, current sam.Credential) sam.CredentialInput {
	state := Model{}
	if r.State != nil && !r.State.CredentialID.IsNull() && r.State.Kind() == m.Kind() {
		state = *r.State
	}
	in := sam.CredentialInput{SysID: current.SysID, Kind: m.Kind(), AdminKey: m.adminKey(r)}
	switch config := r.Config; {
	case m.APIKey != nil:
		if s := state.APIKey; s == nil || !m.APIKey.KeyVersion.Equal(s.KeyVersion) || !m.APIKey.TokenVersion.Equal(s.TokenVersion) {
			in.APIKey, in.APIToken = config.APIKey.Key.ValueString(), config.APIKey.Token.ValueString()
		}
	case m.Token != nil:
		if s := state.Token; s == nil || !m.Token.TokenVersion.Equal(s.TokenVersion) {
			in.BearerToken = config.Token.Token.ValueString()
		}
	case m.Basic != nil:
		in.UserName = m.Basic.Username.ValueString()
		s := state.Basic
		if s == nil || !m.Basic.PasswordVersion.Equal(s.PasswordVersion) {
			in.Password = config.Basic.Password.ValueString()
		}
		if s != nil && m.Basic.Username.Equal(s.Username) {
			in.UserName = current.UserName
		}
	case m.OAuth != nil:
		in.OAuth = m.OAuth.input(r, state.OAuth, current.OAuth)
	}
	return in
}

// adminKey is the key to store; nil leaves it alone, and an empty one removes it.
func (m Model) adminKey(r SaveRequest) *string {
	var before *AdminAPIKey
	if r.State != nil && r.State.Kind() == m.Kind() {
		before = r.State.AdminAPIKey
	}
	switch {
	case m.AdminAPIKey != nil && (before == nil || !m.AdminAPIKey.KeyVersion.Equal(before.KeyVersion)):
		return r.Config.AdminAPIKey.Key.ValueStringPointer()
	case m.AdminAPIKey == nil && before != nil:
		return new(string)
	}
	return nil
}

// input is the app to save. A refresh token is sent for its own version alone: by the time the client secret changes, the
// configured one has long been rotated out.
func (o OAuth) input(r SaveRequest, state *OAuth, current *sam.OAuthApp) sam.OAuthInput {
	in := sam.OAuthInput{
		ClientID:         o.ClientID.ValueString(),
		AuthorizationURL: o.AuthorizationURL.ValueString(),
		TokenURL:         o.TokenURL.ValueString(),
		RedirectURL:      o.RedirectURL.ValueString(),
	}
	if o.RedirectURL.IsUnknown() {
		httpsOnly := r.Vendor.OAuth != nil && r.Vendor.OAuth.HTTPSOnly
		in.RedirectURL = r.Instance.RedirectURL(httpsOnly)
	}
	if state == nil || !o.ClientSecretVersion.Equal(state.ClientSecretVersion) {
		in.ClientSecret = r.Config.OAuth.ClientSecret.ValueString()
	}
	if state == nil || !o.RefreshTokenVersion.Equal(state.RefreshTokenVersion) {
		in.RefreshToken = r.Config.OAuth.RefreshToken.ValueString()
	}
	if state == nil || current == nil {
		return in
	}
	for _, kept := range []struct {
		plan, state types.String
		in          *string
		current     string
	}{
		{o.ClientID, state.ClientID, &in.ClientID, current.ClientID},
		{o.AuthorizationURL, state.AuthorizationURL, &in.AuthorizationURL, current.AuthorizationURL},
		{o.TokenURL, state.TokenURL, &in.TokenURL, current.TokenURL},
		{o.RedirectURL, state.RedirectURL, &in.RedirectURL, current.RedirectURL},
	} {
		if kept.plan.Equal(kept.state) {
			*kept.in = kept.current
		}
	}
	return in
}

// resolve fills in what the plan left unknown.
func (o *OAuth) resolve(app sam.OAuthApp, now time.Time) {
	for _, value := range []struct {
		plan   *types.String
		actual types.String
	}{
		{&o.AuthorizationURL, types.StringValue(app.AuthorizationURL)},
		{&o.TokenURL, types.StringValue(app.TokenURL)},
		{&o.RedirectURL, types.StringValue(app.RedirectURL)},
		{&o.TokenStatus, types.StringValue(string(app.Grant.Status(now)))},
		{&o.ExpiresAt, tfkit.TimeOrNull(app.Grant.Expires())},
	} {
		if value.plan.IsUnknown() {
			*value.plan = value.actual
		}
	}
}

// sendsSecrets tells whether a version moved, or there is no credential of this kind to keep.
func (m Model) sendsSecrets(state Model) bool {
	if state.CredentialID.IsNull() || m.Kind() != state.Kind() {
		return true
	}
	return m.versions() != state.versions()
}

func (m Model) versions() [3]types.Int64 {
	var v [3]types.Int64
	switch {
	case m.APIKey != nil:
		v[0], v[1] = m.APIKey.KeyVersion, m.APIKey.TokenVersion
	case m.OAuth != nil:
		v[0], v[1] = m.OAuth.ClientSecretVersion, m.OAuth.RefreshTokenVersion
	case m.Token != nil:
		v[0] = m.Token.TokenVersion
	case m.Basic != nil:
		v[0] = m.Basic.PasswordVersion
	}
	if m.AdminAPIKey != nil {
		v[2] = m.AdminAPIKey.KeyVersion
	}
	return v
}
