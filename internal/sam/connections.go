package sam

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Connection is the HTTP connection of an alias with its credential.
type Connection struct {
	SysID      string
	Name       string
	URL        string
	Active     bool
	AliasSysID string
	Owned      bool // made by SaveConnection
	Credential Credential
	Meta       Meta
}

// Credential is the credential record of a connection. Its secrets cannot be read back.
type Credential struct {
	SysID  string // empty where the connection has none
	Name   string
	Kind   string // such as api_key; empty where the kind is not known here
	Active bool
	Meta   Meta // ModCount changes whenever somebody changes the credential
}

// APIKey is the secret of credential kind api_key: Trello's key and token.
type APIKey struct {
	Key   string
	Token string
}

// ConnectionInput is the connection and credential of an alias as it should be.
type ConnectionInput struct {
	AliasSysID string
	Name       string
	URL        string
	Active     bool
	// APIKey is sent when not nil; nil leaves the stored secrets alone.
	APIKey *APIKey
	// SysID and CredentialSysID name existing records to change; empty means the ones SaveConnection makes itself.
	SysID           string
	CredentialSysID string
}

// Kinds of credential.
const (
	CredentialAPIKey = "api_key"
	CredentialBasic  = "basic"
	CredentialOAuth  = "oauth"
)

// credentialTables are the classes of credential by kind, the most likely first.
var credentialTables = []struct{ kind, table string }{
	{CredentialAPIKey, dictionary.TableAPIKeyCredential},
	{CredentialOAuth, dictionary.TableOAuthCredential},
	{CredentialBasic, dictionary.TableBasicCredential},
}

var (
	connectionFields = slices.Concat([]string{
		dictionary.ConnectionName, dictionary.ConnectionURL, dictionary.ConnectionActive, dictionary.ConnectionAlias, dictionary.ConnectionCred,
	}, metaFields)
	credentialFields = slices.Concat([]string{dictionary.CredentialName, dictionary.CredentialActive}, metaFields)
)

// ownConnectionID and ownCredentialID depend on the alias alone, so that a run that was killed finds what it made.
func ownConnectionID(aliasSysID string) string {
	return dictionary.SeedID(dictionary.TableHTTPConnection, "connection of "+aliasSysID)
}

func ownCredentialID(aliasSysID string) string {
	return dictionary.SeedID(dictionary.TableAPIKeyCredential, "credential of "+aliasSysID)
}

// Connection gives the active connection of an alias, or the newest one where none is active, or ErrNotFound.
func (a *Aliases) Connection(ctx context.Context, aliasSysID string) (Connection, error) {
	records := a.c.rest.All(ctx, dictionary.TableHTTPConnection, servicenow.Where(servicenow.Eq(dictionary.ConnectionAlias, aliasSysID)),
		servicenow.WalkOptions{ReadOptions: servicenow.ReadOptions{Fields: connectionFields}})
	var best *Connection
	for record, err := range records {
		if err != nil {
			return Connection{}, fmt.Errorf("read the connection of alias %s: %w", aliasSysID, err)
		}
		c := decodeConnection(record)
		if best == nil || c.Active && !best.Active || c.Active == best.Active && c.Meta.CreatedOn.After(best.Meta.CreatedOn) {
			best = &c
		}
	}
	if best == nil {
		return Connection{}, &servicenow.Error{
			Method: "GET", Table: dictionary.TableHTTPConnection, Path: "/api/now/table/" + dictionary.TableHTTPConnection,
			Err: ErrNotFound, Detail: "alias " + aliasSysID + " has no connection",
		}
	}
	var err error
	best.Credential, err = a.credential(ctx, best.Credential.SysID)
	return *best, err
}

func decodeConnection(r servicenow.Record) Connection {
	alias := r.Get(dictionary.ConnectionAlias)
	return Connection{
		SysID: r.ID(), Name: r.Get(dictionary.ConnectionName), URL: r.Get(dictionary.ConnectionURL),
		Active: r.Bool(dictionary.ConnectionActive), AliasSysID: alias, Owned: r.ID() == ownConnectionID(alias),
		Credential: Credential{SysID: r.Get(dictionary.ConnectionCred)}, Meta: meta(r),
	}
}

// credential finds out which class a credential belongs to, and reads it.
func (a *Aliases) credential(ctx context.Context, sysID string) (Credential, error) {
	if sysID == "" {
		return Credential{}, nil
	}
	for _, class := range credentialTables {
		r, err := a.c.rest.Get(ctx, class.table, sysID, servicenow.ReadOptions{Fields: credentialFields})
		switch {
		case errors.Is(err, ErrNotFound), errors.Is(err, ErrInvalidTable):
			continue
		case err != nil:
			return Credential{SysID: sysID}, fmt.Errorf("read credential %s: %w", sysID, err)
		}
		return Credential{
			SysID: sysID, Kind: class.kind, Name: r.Get(dictionary.CredentialName),
			Active: r.Bool(dictionary.CredentialActive), Meta: meta(r),
		}, nil
	}
	return Credential{SysID: sysID}, nil
}

// SaveConnection makes the connection and credential of an alias as in says: credential, then its secrets, then the
// connection that points to it. It can be repeated after it was interrupted anywhere. A connection of the same name under
// another alias is an *ExistsError.
func (a *Aliases) SaveConnection(ctx context.Context, in ConnectionInput) (Connection, error) {
	credential, err := a.saveCredential(ctx, in)
	if err != nil {
		return Connection{}, fmt.Errorf("save the credential of connection %q: %w", in.Name, err)
	}
	id := in.SysID
	if id == "" {
		id = ownConnectionID(in.AliasSysID)
	}
	values := servicenow.Values{
		dictionary.ConnectionName: in.Name, dictionary.ConnectionURL: in.URL, dictionary.ConnectionAlias: in.AliasSysID,
		dictionary.ConnectionCred: credential,
	}
	setBool(values, dictionary.ConnectionActive, &in.Active)
	id, err = a.save(ctx, dictionary.TableHTTPConnection, id, values)
	if errors.Is(err, servicenow.ErrConflict) {
		return Connection{}, a.connectionExists(ctx, in.Name, err)
	}
	if err != nil {
		return Connection{SysID: id}, fmt.Errorf("save connection %q: %w", in.Name, err)
	}
	record, err := a.c.rest.Get(ctx, dictionary.TableHTTPConnection, id, servicenow.ReadOptions{Fields: connectionFields})
	if err != nil {
		return Connection{SysID: id}, fmt.Errorf("read connection %q back: %w", in.Name, err)
	}
	connection := decodeConnection(record)
	connection.Credential, err = a.credential(ctx, credential)
	return connection, err
}

func (a *Aliases) saveCredential(ctx context.Context, in ConnectionInput) (string, error) {
	const table = dictionary.TableAPIKeyCredential
	id := in.CredentialSysID
	if id == "" {
		id = ownCredentialID(in.AliasSysID)
	}
	if in.APIKey == nil {
		_, err := a.c.rest.Get(ctx, table, id, servicenow.ReadOptions{Fields: []string{dictionary.SysID}})
		if errors.Is(err, ErrNotFound) {
			return "", fmt.Errorf("%w: the instance has no credential %s any more, and secrets are sent only when their version changes; "+
				"raise the version to send them again", ErrNotFound, id)
		}
		if err != nil {
			return "", err
		}
	}
	values := servicenow.Values{dictionary.CredentialName: in.Name, dictionary.CredentialActive: "true"}
	id, err := a.save(ctx, table, id, values)
	if err != nil || in.APIKey == nil {
		return id, err
	}
	return id, a.c.rest.SetSecret(ctx, table, id, servicenow.Values{
		dictionary.CredentialAPIKey: in.APIKey.Key, dictionary.CredentialAPIToken: in.APIKey.Token,
	})
}

// save creates the record, or changes the columns that differ. It answers with the sys_id, which an instance may choose
// itself.
func (a *Aliases) save(ctx context.Context, table, sysID string, values servicenow.Values) (string, error) {
	columns := make([]string, 0, len(values))
	for column := range values {
		columns = append(columns, column)
	}
	stored, err := a.c.rest.Get(ctx, table, sysID, servicenow.ReadOptions{Fields: columns})
	if errors.Is(err, ErrNotFound) {
		created := servicenow.Values{dictionary.SysID: sysID}
		for column, value := range values {
			created[column] = value
		}
		record, err := a.c.rest.Create(ctx, table, created)
		return record.ID(), err
	}
	if err != nil {
		return sysID, err
	}
	changes := servicenow.Values{}
	for column, value := range values {
		if !stored.Has(column) || stored.Get(column) != value {
			changes[column] = value
		}
	}
	if len(changes) == 0 {
		return sysID, nil
	}
	_, err = a.c.rest.Update(ctx, table, sysID, changes)
	return sysID, err
}

// connectionExists explains a refused name by the connection that has it.
func (a *Aliases) connectionExists(ctx context.Context, name string, refused error) error {
	other, err := a.c.rest.Find(ctx, dictionary.TableHTTPConnection, servicenow.Where(servicenow.Eq(dictionary.ConnectionName, name)),
		servicenow.ReadOptions{Fields: []string{dictionary.ConnectionAlias}})
	if err != nil {
		return fmt.Errorf("save connection %q: %w", name, refused)
	}
	return &ExistsError{Object: "connection", Key: name, SysID: other.ID()}
}

// DeleteConnection deletes a connection and then its credential. What is gone is no error. A credential of a kind that is
// not known here stays.
func (a *Aliases) DeleteConnection(ctx context.Context, connection Connection) error {
	if err := a.c.rest.Delete(ctx, dictionary.TableHTTPConnection, connection.SysID); err != nil {
		return fmt.Errorf("delete connection %s: %w", connection.SysID, err)
	}
	for _, class := range credentialTables {
		if class.kind != connection.Credential.Kind || connection.Credential.SysID == "" {
			continue
		}
		if err := a.c.rest.Delete(ctx, class.table, connection.Credential.SysID); err != nil {
			return fmt.Errorf("delete credential %s: %w", connection.Credential.SysID, err)
		}
	}
	return nil
}
