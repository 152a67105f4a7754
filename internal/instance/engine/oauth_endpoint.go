package engine

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// tokenTimeout is how long one request to a token endpoint may take.
const tokenTimeout = 15 * time.Second

// oauthApp is an application registry: how a vendor knows us, and where its grants are made and renewed.
type oauthApp struct {
	entity      string // sys_id of the registry
	name        string
	aliasID     string // full id of the alias, for advice
	vendor      string // name for people
	clientID    string
	secret      connector.Secret
	authURL     string
	tokenURL    string
	redirectURL string
	inHeader    bool // client id and secret go into the Authorization header rather than the body
	defaults    dictionary.OAuthDefaults
}

// tokens are what a token endpoint answers.
type tokens struct {
	access  connector.Secret
	refresh connector.Secret // empty where the vendor keeps the one that was sent
	expires time.Time        // zero where the vendor does not tell
}

// exchangeCode turns the code of a consent into tokens.
func (a oauthApp) exchangeCode(ctx context.Context, now time.Time, log *slog.Logger, code, redirectURL string, verifier connector.Secret) (tokens, error) {
	parameters := map[string]string{
		"grant_type": dictionary.OAuthAuthorizationCode, "code": code, "redirect_uri": redirectURL,
	}
	if !verifier.Empty() {
		parameters["code_verifier"] = verifier.Reveal()
	}
	return a.ask(ctx, now, log, "exchange the code of the consent", parameters, connector.NewSecret(code), verifier)
}

// renew turns a refresh token into new tokens. Where the answer is lost, the same request is repeated once: the vendor may
// have rotated the token, and takes the old one for a short time.
func (a oauthApp) renew(ctx context.Context, now time.Time, log *slog.Logger, refresh connector.Secret) (tokens, error) {
	parameters := map[string]string{"grant_type": dictionary.OAuthRefreshToken, "refresh_token": refresh.Reveal()}
	const op = "renew the OAuth grant"
	t, err := a.ask(ctx, now, log, op, parameters, refresh)
	if kind := connector.KindOf(err); ctx.Err() == nil && (kind == connector.KindUnavailable || kind == connector.KindBadAnswer) {
		t, err = a.ask(ctx, now, log, op, parameters, refresh)
	}
	return t, err
}

// ask sends one request to the token endpoint.
func (a oauthApp) ask(ctx context.Context, now time.Time, log *slog.Logger, op string, parameters map[string]string, secrets ...connector.Secret) (tokens, error) {
	target, err := connector.ParseBaseURL(a.tokenURL, a.defaults.Hosts)
	if err != nil {
		return tokens{}, a.misconfigured(op, fmt.Errorf("the token URL of the application registry %q: %w", a.name, err))
	}
	request := connector.Request{
		Method: http.MethodPost, Path: target.EscapedPath(), Header: http.Header{}, Op: op, Object: "application registry " + a.name, Once: true,
	}
	if a.inHeader {
		pair := url.QueryEscape(a.clientID) + ":" + url.QueryEscape(a.secret.Reveal()) // RFC 6749, 2.3.1
		encoded := base64.StdEncoding.EncodeToString([]byte(pair))
		secrets = append(secrets, connector.NewSecret(encoded))
		request.Header.Set("Authorization", "Basic "+encoded)
	} else {
		parameters["client_id"], parameters["client_secret"] = a.clientID, a.secret.Reveal()
	}
	if request.Body, err = a.encode(parameters, request.Header); err != nil {
		return tokens{}, a.misconfigured(op, err)
	}
	var answer struct {
		Access  string      `json:"access_token"`
		Refresh string      `json:"refresh_token"`
		Expires json.Number `json:"expires_in"`
	}
	request.Decode = connector.Into(&answer)
	client := connector.NewClient(connector.ClientConfig{
		Vendor: a.vendor, BaseURL: &url.URL{Scheme: target.Scheme, Host: target.Host}, Classify: a.classify,
		Secrets: append(secrets, a.secret), AttemptTimeout: tokenTimeout, Log: log,
	})
	if _, err := client.Do(ctx, request); err != nil {
		return tokens{}, withoutTokens(err)
	}
	if answer.Access == "" {
		return tokens{}, &connector.Error{
			Vendor: a.vendor, Op: op, Object: request.Object, Kind: connector.KindBadAnswer, Err: errors.New("the answer holds no access token"),
			Advice: "Check the token URL of the application registry",
		}
	}
	t := tokens{access: connector.NewSecret(answer.Access), refresh: connector.NewSecret(answer.Refresh)}
	if seconds, err := answer.Expires.Int64(); err == nil && seconds > 0 {
		t.expires = now.Add(time.Duration(seconds) * time.Second)
	}
	return t, nil
}

func (a oauthApp) encode(parameters map[string]string, header http.Header) ([]byte, error) {
	if a.defaults.Encoding == dictionary.TokenJSON {
		return json.Marshal(parameters)
	}
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	form := url.Values{}
	for name, value := range parameters {
		form.Set(name, value)
	}
	return []byte(form.Encode()), nil
}

// classify tells whose fault a refusal is: a wrong client secret is one of the configuration, and no consent mends it.
func (a oauthApp) classify(answer connector.Answer) (connector.Kind, string) {
	var body struct {
		Code string `json:"error"`
	}
	_ = json.Unmarshal(answer.Body, &body) // a refusal that is no JSON is judged by its status
	switch {
	case body.Code == "invalid_client", answer.Status == http.StatusUnauthorized:
		return connector.KindConfig, fmt.Sprintf("The client id or client secret of the application registry %q is wrong: correct it. A new consent would not help", a.name)
	case body.Code == "invalid_grant", body.Code == "unauthorized_client": // Atlassian answers the latter for a token that was rotated out
		return connector.KindCredentials, a.advice()
	case answer.Status == http.StatusBadRequest:
		return connector.KindConfig, fmt.Sprintf("Check the application registry %q: its client id, redirect URL and token URL", a.name)
	}
	return "", ""
}

// advice is what to do about a grant that is missing or over.
func (a oauthApp) advice() string {
	return "Run `terraform-provider-servicenowsam authorize --alias " + a.aliasID + "`, then apply again"
}

func (a oauthApp) misconfigured(op string, err error) error {
	return &connector.Error{Vendor: a.vendor, Op: op, Kind: connector.KindConfig, Err: err}
}

// withoutTokens takes the body out of an answer that was a success and could not be read: it may hold tokens.
func withoutTokens(err error) error {
	var failure *connector.Error
	if errors.As(err, &failure) && failure.Status < http.StatusMultipleChoices {
		failure.Body = ""
	}
	return err
}

// newOAuthApp reads an application registry; the vendor's own addresses are the defaults.
func newOAuthApp(entity map[string]string, secret connector.Secret, t dictionary.ProfileType, aliasID string) oauthApp {
	app := oauthApp{
		entity: entity[dictionary.SysID], name: entity[dictionary.OAuthEntityName], aliasID: aliasID, vendor: cmp.Or(t.Product, t.Label),
		clientID: entity[dictionary.OAuthClientID], secret: secret, redirectURL: entity[dictionary.OAuthRedirectURL],
		inHeader: entity[dictionary.OAuthSendCredentials] == dictionary.OAuthCredentialsInBasic, defaults: *t.OAuth,
	}
	app.authURL = cmp.Or(entity[dictionary.OAuthAuthURL], t.OAuth.AuthURL)
	app.tokenURL = cmp.Or(entity[dictionary.OAuthTokenURL], t.OAuth.TokenURL)
	return app
}

// scopesFor are the fewest scopes that the processes need, with the one that makes a grant renewable.
func scopesFor(t dictionary.ProfileType, processes []dictionary.Process, options map[string]string) []string {
	var scopes []string
	for _, process := range processes {
		permission, _ := t.Permission(process)
		if option, value, conditional := strings.Cut(permission.NotWith, "="); conditional && options[option] == value {
			continue
		}
		for _, scope := range permission.Scopes {
			if !slices.Contains(scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
	}
	if t.OAuth.OfflineScope != "" {
		scopes = append(scopes, t.OAuth.OfflineScope)
	}
	return scopes
}
