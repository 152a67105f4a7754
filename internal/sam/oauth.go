package sam

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// OAuthApp is the application registry of an OAuth credential, with the state of its grant.
type OAuthApp struct {
	SysID            string // oauth_entity
	ProfileSysID     string // oauth_entity_profile
	ClientID         string
	AuthorizationURL string
	TokenURL         string
	RedirectURL      string
	Grant            Grant
	Meta             Meta
}

// OAuthInput is an OAuth app as it should be. Secrets that are empty leave the stored ones alone.
type OAuthInput struct {
	ClientID, ClientSecret string
	AuthorizationURL       string
	TokenURL               string
	RedirectURL            string
	// RefreshToken is a grant that somebody obtained elsewhere. It replaces the one that there is.
	RefreshToken string
}

// ConsentPort is the port of this machine on which a consent to an embedded instance ends.
const ConsentPort = 8765

// ConsentPath is the path of redirect URLs, as on ServiceNow.
const ConsentPath = "/oauth_redirect.do"

// RedirectURL is where a consent ends: at the instance, or for an embedded one on this machine. Some vendors take https
// only; nobody listens there on this machine, and the address with the code is pasted.
func (i Instance) RedirectURL(httpsOnly bool) string {
	switch {
	case i.Kind != companion.KindEmbedded:
		return "https://" + i.Host + ConsentPath
	case httpsOnly:
		return fmt.Sprintf("https://localhost:%d%s", ConsentPort, ConsentPath)
	}
	return fmt.Sprintf("http://localhost:%d%s", ConsentPort, ConsentPath)
}

var oauthEntityFields = slices.Concat([]string{
	dictionary.OAuthClientID, dictionary.OAuthAuthURL, dictionary.OAuthTokenURL, dictionary.OAuthRedirectURL,
}, metaFields)

// oauthApp reads the app behind an OAuth entity profile. One that is gone or hidden is the zero value.
func (a *Aliases) oauthApp(ctx context.Context, profile string) (OAuthApp, error) {
	if profile == "" {
		return OAuthApp{}, nil
	}
	p, err := a.c.rest.Get(ctx, dictionary.TableOAuthEntityProfile, profile,
		servicenow.ReadOptions{Fields: []string{dictionary.OAuthProfileEntity}})
	if errors.Is(err, ErrNotFound) {
		return OAuthApp{}, nil
	}
	if err != nil {
		return OAuthApp{}, fmt.Errorf("read OAuth entity profile %s: %w", profile, err)
	}
	app := OAuthApp{SysID: p.Get(dictionary.OAuthProfileEntity), ProfileSysID: profile}
	if app.SysID == "" {
		return app, nil
	}
	r, err := a.c.rest.Get(ctx, dictionary.TableOAuthEntity, app.SysID, servicenow.ReadOptions{Fields: oauthEntityFields})
	if errors.Is(err, ErrNotFound) {
		return app, nil
	}
	if err != nil {
		return app, fmt.Errorf("read application registry %s: %w", app.SysID, err)
	}
	app.ClientID, app.RedirectURL = r.Get(dictionary.OAuthClientID), r.Get(dictionary.OAuthRedirectURL)
	app.AuthorizationURL, app.TokenURL = r.Get(dictionary.OAuthAuthURL), r.Get(dictionary.OAuthTokenURL)
	app.Meta = meta(r)
	app.Grant, err = a.grant(ctx, app.SysID)
	return app, err
}

// grant reads until when the tokens of an app are good.
func (a *Aliases) grant(ctx context.Context, app string) (Grant, error) {
	var g Grant
	tokens := a.c.rest.All(ctx, dictionary.TableOAuthToken, servicenow.Where(servicenow.Eq(dictionary.OAuthTokenPeer, app)),
		servicenow.WalkOptions{ReadOptions: servicenow.ReadOptions{Fields: []string{dictionary.OAuthTokenType, dictionary.OAuthTokenExpires}}})
	for token, err := range tokens {
		if err != nil {
			return g, fmt.Errorf("read the grant of application registry %s: %w", app, err)
		}
		expires := token.Time(dictionary.OAuthTokenExpires)
		if token.Get(dictionary.OAuthTokenType) == dictionary.OAuthRefreshToken {
			g.Refresh, g.RefreshExpires = true, expires
		} else {
			g.Access, g.AccessExpires = true, expires
		}
	}
	return g, nil
}

// saveOAuthApp makes the application registry and its profile, and answers with the sys_id of the profile.
func (a *Aliases) saveOAuthApp(ctx context.Context, in ConnectionInput, credentialSysID string) (string, error) {
	current, err := a.credential(ctx, credentialSysID)
	if err != nil {
		return "", err
	}
	var app OAuthApp
	if current.OAuth != nil {
		app = *current.OAuth
	}
	if app.SysID == "" {
		app.SysID = ownID(dictionary.TableOAuthEntity, "app", in.AliasSysID)
	}
	o := in.Credential.OAuth
	app.SysID, err = a.save(ctx, dictionary.TableOAuthEntity, app.SysID, servicenow.Values{
		dictionary.OAuthEntityName: in.Name, dictionary.OAuthClientID: o.ClientID,
		dictionary.OAuthGrantType: dictionary.OAuthAuthorizationCode, dictionary.OAuthAuthURL: o.AuthorizationURL,
		dictionary.OAuthTokenURL: o.TokenURL, dictionary.OAuthRedirectURL: o.RedirectURL,
	})
	if errors.Is(err, servicenow.ErrConflict) {
		return "", a.exists(ctx, dictionary.TableOAuthEntity, dictionary.OAuthEntityName, "application registry", in.Name, err)
	}
	if err != nil {
		return "", fmt.Errorf("save application registry %q: %w", in.Name, err)
	}
	if o.ClientSecret != "" {
		secret := servicenow.Values{dictionary.OAuthClientSecret: o.ClientSecret}
		if err := a.c.rest.SetSecret(ctx, dictionary.TableOAuthEntity, app.SysID, secret); err != nil {
			return "", fmt.Errorf("store the client secret of application registry %q: %w", in.Name, err)
		}
	}
	if app.ProfileSysID == "" {
		if app.ProfileSysID, err = a.oauthProfile(ctx, in, app.SysID); err != nil {
			return "", err
		}
	}
	if o.RefreshToken != "" {
		return app.ProfileSysID, a.storeRefreshToken(ctx, app.SysID, o.RefreshToken)
	}
	return app.ProfileSysID, nil
}

// oauthProfile finds the profile of an app, which a business rule may have made, or makes it.
func (a *Aliases) oauthProfile(ctx context.Context, in ConnectionInput, app string) (string, error) {
	found, err := a.c.rest.List(ctx, dictionary.TableOAuthEntityProfile,
		servicenow.Where(servicenow.Eq(dictionary.OAuthProfileEntity, app)).OrderBy(dictionary.SysCreatedOn),
		servicenow.ListOptions{ReadOptions: servicenow.ReadOptions{Fields: []string{dictionary.OAuthProfileName}}, Limit: 1})
	if err != nil {
		return "", fmt.Errorf("look for the profile of application registry %q: %w", in.Name, err)
	}
	if len(found) > 0 {
		return found[0].ID(), nil
	}
	record, err := a.c.rest.Create(ctx, dictionary.TableOAuthEntityProfile, servicenow.Values{
		dictionary.SysID:            ownID(dictionary.TableOAuthEntityProfile, "profile", in.AliasSysID),
		dictionary.OAuthProfileName: in.Name + " default_profile", dictionary.OAuthProfileEntity: app,
		dictionary.OAuthProfileGrant: dictionary.OAuthAuthorizationCode,
	})
	if err != nil {
		return "", fmt.Errorf("create the profile of application registry %q: %w", in.Name, err)
	}
	return record.ID(), nil
}

// storeRefreshToken replaces the grant of an app. The access token of the old one goes, so that the new one is used.
func (a *Aliases) storeRefreshToken(ctx context.Context, app, token string) error {
	id := ownID(dictionary.TableOAuthToken, "refresh token", app)
	if err := a.deleteTokens(ctx, app, id); err != nil {
		return err
	}
	id, err := a.save(ctx, dictionary.TableOAuthToken, id, servicenow.Values{
		dictionary.OAuthTokenType: dictionary.OAuthRefreshToken, dictionary.OAuthTokenPeer: app, dictionary.OAuthTokenExpires: "",
	})
	if err == nil {
		err = a.c.rest.SetSecret(ctx, dictionary.TableOAuthToken, id, servicenow.Values{dictionary.OAuthTokenValue: token})
	}
	if err != nil {
		return fmt.Errorf("store the refresh token of application registry %s: %w", app, err)
	}
	return nil
}

// deleteTokens deletes the tokens of an app, except the one to keep.
func (a *Aliases) deleteTokens(ctx context.Context, app, keep string) error {
	tokens := a.c.rest.All(ctx, dictionary.TableOAuthToken, servicenow.Where(servicenow.Eq(dictionary.OAuthTokenPeer, app)),
		servicenow.WalkOptions{ReadOptions: servicenow.ReadOptions{Fields: []string{dictionary.OAuthTokenType}}})
	for token, err := range tokens {
		if err == nil && token.ID() != keep {
			err = a.c.rest.Delete(ctx, dictionary.TableOAuthToken, token.ID())
		}
		if err != nil {
			return fmt.Errorf("delete the old grant of application registry %s: %w", app, err)
		}
	}
	return nil
}

// deleteOAuthApp deletes an app with its profile and grant, unless another credential uses it.
func (a *Aliases) deleteOAuthApp(ctx context.Context, profile, app string) error {
	users, err := a.c.rest.Count(ctx, dictionary.TableOAuthCredential, servicenow.Where(servicenow.Eq(dictionary.CredentialAuthEntity, profile)))
	if err != nil {
		return fmt.Errorf("look who uses OAuth entity profile %s: %w", profile, err)
	}
	if users > 0 {
		return nil
	}
	if err := a.deleteTokens(ctx, app, ""); err != nil {
		return err
	}
	for _, record := range []struct{ table, sysID string }{
		{dictionary.TableOAuthEntityProfile, profile}, {dictionary.TableOAuthEntity, app},
	} {
		if record.sysID == "" {
			continue
		}
		if err := a.c.rest.Delete(ctx, record.table, record.sysID); err != nil {
			return fmt.Errorf("delete %s %s: %w", record.table, record.sysID, err)
		}
	}
	return nil
}
