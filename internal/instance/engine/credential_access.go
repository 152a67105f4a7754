package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// The names under which connectors take secrets that are not columns of their own, see connector.Config.
const (
	secretToken    = "token"
	secretAdminKey = "admin_api_key"
)

// credential is what a connection signs in with.
type credential struct {
	rows    []store.Row // the credential and, for an OAuth grant, the entity profile and the registry
	secrets map[string]connector.Secret
	app     *oauthApp // nil where the credential is no OAuth grant
}

// readCredential unseals the credential of a connection, in the form in which the vendor's connector takes it.
func (e *Engine) readCredential(ctx context.Context, tx *store.Tx, t dictionary.ProfileType, connection, alias store.Row) (credential, error) {
	name := connection[dictionary.ConnectionName]
	row, err := credentialOf(ctx, tx, connection)
	if err != nil {
		return credential{}, err
	}
	kind := kindOfCredential(row[dictionary.SysClassName], t)
	if !t.Connection.Takes(kind) {
		return credential{}, setupFailure("The credential %q of connection %q is of kind %s, which %s does not take. Make one of kind %s.",
			row[dictionary.CredentialName], name, kind, t.Product, strings.Join(t.Connection.Kinds, " or "))
	}
	c := credential{rows: []store.Row{row}}
	if c.secrets, err = unsealAll(tx, row[dictionary.SysClassName], row); err != nil {
		return c, err
	}
	rename := func(column, name string) {
		if secret, ok := c.secrets[column]; ok {
			delete(c.secrets, column)
			c.secrets[name] = secret
		}
	}
	rename(dictionary.CredentialAdminKey, secretAdminKey)
	switch kind {
	case dictionary.CredentialKindOAuth:
		return c, e.addGrant(ctx, tx, &c, t, alias)
	case dictionary.CredentialKindToken:
		rename(dictionary.CredentialBearerToken, secretToken)
	case dictionary.CredentialKindBasic:
		if user := row[dictionary.CredentialUserName]; user != "" {
			c.secrets[dictionary.CredentialUserName] = connector.NewSecret(user)
		}
	}
	if !slices.ContainsFunc([]string{secretToken, dictionary.CredentialAPIKey, dictionary.CredentialPassword}, func(name string) bool {
		return !c.secrets[name].Empty()
	}) {
		return c, setupFailure("The credential %q of connection %q holds no secret. Enter it again.", row[dictionary.CredentialName], name)
	}
	return c, nil
}

func credentialOf(ctx context.Context, tx *store.Tx, connection store.Row) (store.Row, error) {
	name, id := connection[dictionary.ConnectionName], connection[dictionary.ConnectionCred]
	if id == "" {
		return nil, setupFailure("Connection %q has no credential. Create one and choose it there.", name)
	}
	base, err := lookUp(ctx, tx, dictionary.TableCredential, id)
	if err != nil {
		return nil, err
	}
	if base == nil || !isTrue(base[dictionary.CredentialActive]) {
		return nil, setupFailure("The credential of connection %q does not exist or is not active.", name)
	}
	row, err := tx.Get(ctx, base[dictionary.SysClassName], id)
	if err != nil {
		return nil, fmt.Errorf("read credential %s: %w", id, err)
	}
	return row, nil
}

// kindOfCredential tells what a class of credentials is used as. An API key is a bearer token where the vendor has no keys.
func kindOfCredential(class string, t dictionary.ProfileType) string {
	switch class {
	case dictionary.TableOAuthCredential:
		return dictionary.CredentialKindOAuth
	case dictionary.TableBasicCredential:
		return dictionary.CredentialKindBasic
	}
	if t.Connection.Takes(dictionary.CredentialKindToken) {
		return dictionary.CredentialKindToken
	}
	return dictionary.CredentialKindAPIKey
}

// unsealAll returns the secrets of a row by column.
func unsealAll(tx *store.Tx, table string, row store.Row) (map[string]connector.Secret, error) {
	secrets := map[string]connector.Secret{}
	for _, column := range dictionary.ColumnsOf(table) {
		if column.Type != dictionary.Password2 || row[column.Name] == "" {
			continue
		}
		clear, err := tx.Unseal(table, row[dictionary.SysID], column.Name, row[column.Name])
		if err != nil {
			return nil, fmt.Errorf("unseal %s of %s %s: %w", column.Name, table, row[dictionary.SysID], err)
		}
		secrets[column.Name] = connector.NewSecret(clear)
	}
	return secrets, nil
}

// addGrant follows an OAuth credential to its registry and looks whether somebody has consented.
func (e *Engine) addGrant(ctx context.Context, tx *store.Tx, c *credential, t dictionary.ProfileType, alias store.Row) error {
	app, rows, err := readApp(ctx, tx, t, c.rows[0], alias)
	c.rows = append(c.rows, rows...)
	if err != nil {
		return err
	}
	c.app = &app
	g, err := readGrant(ctx, tx, app.entity)
	if err != nil || g.exists() {
		return err
	}
	return &setupError{
		code:    companion.CheckConsentPending,
		message: "Consent pending: nobody has granted " + app.name + " access to " + app.vendor + " yet. " + app.advice() + ".",
	}
}

// readApp reads the application registry of an OAuth credential.
func readApp(ctx context.Context, tx *store.Tx, t dictionary.ProfileType, row, alias store.Row) (app oauthApp, rows []store.Row, err error) {
	name := row[dictionary.CredentialName]
	profile, err := lookUp(ctx, tx, dictionary.TableOAuthEntityProfile, row[dictionary.CredentialAuthEntity])
	if err != nil {
		return app, nil, err
	}
	if profile == nil {
		return app, nil, setupFailure("The OAuth credential %q has no OAuth entity profile. Choose one there.", name)
	}
	entity, err := lookUp(ctx, tx, dictionary.TableOAuthEntity, profile[dictionary.OAuthProfileEntity])
	if err != nil {
		return app, nil, err
	}
	rows = []store.Row{profile, entity}
	if entity == nil {
		return app, rows[:1], setupFailure("The OAuth entity profile of credential %q names no application registry. Choose one there.", name)
	}
	secrets, err := unsealAll(tx, dictionary.TableOAuthEntity, entity)
	if err != nil {
		return app, rows, err
	}
	app = newOAuthApp(entity, secrets[dictionary.OAuthClientSecret], t, alias[dictionary.AliasID])
	switch {
	case app.clientID == "":
		return app, rows, setupFailure("The application registry %q has no client id. Enter that of the app you registered at %s.", app.name, app.vendor)
	case app.secret.Empty():
		return app, rows, setupFailure("The application registry %q has no client secret. Enter that of the app you registered at %s.", app.name, app.vendor)
	}
	for what, address := range map[string]string{"authorization URL": app.authURL, "token URL": app.tokenURL} {
		if err := connector.CheckBaseURL(address, t.OAuth.Hosts); err != nil {
			return app, rows, setupFailure("Application registry %q, %s: %s.", app.name, what, strings.ReplaceAll(err.Error(), "connection URL", what))
		}
	}
	return app, rows, nil
}
