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

// ConnectionInput is the connection and credential of an alias as it should be.
type ConnectionInput struct {
	AliasSysID string
	Name       string
	URL        string
	Active     bool
	// SysID names an existing record to change; empty means the one that SaveConnection makes itself.
	SysID      string
	Credential CredentialInput
}

var connectionFields = slices.Concat([]string{
	dictionary.ConnectionName, dictionary.ConnectionURL, dictionary.ConnectionActive, dictionary.ConnectionAlias, dictionary.ConnectionCred,
}, metaFields)

func ownConnectionID(aliasSysID string) string {
	return ownID(dictionary.TableHTTPConnection, "connection", aliasSysID)
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
		return Connection{}, fmt.Errorf("alias %s has no connection: %w", aliasSysID, ErrNotFound)
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

// SaveConnection makes the connection and credential of an alias as in says: credential, then its secrets, then the
// connection that points to it. A credential of another kind is replaced. It can be repeated after it was interrupted
// anywhere. A connection of the same name under another alias is a *ConnectionTakenError.
func (a *Aliases) SaveConnection(ctx context.Context, in ConnectionInput) (Connection, error) {
	old, err := a.credential(ctx, in.Credential.SysID)
	if err != nil {
		return Connection{}, err
	}
	replaced := credentialTable(old.Kind) != credentialTable(in.Credential.Kind)
	if replaced {
		in.Credential.SysID = ""
	}
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
		return Connection{}, a.connectionTaken(ctx, in.Name, err)
	}
	if err != nil {
		return Connection{SysID: id}, fmt.Errorf("save connection %q: %w", in.Name, err)
	}
	if replaced {
		err = a.deleteCredential(ctx, in.AliasSysID, old)
	}
	if err == nil && in.Credential.sendsSecrets() {
		err = a.deleteOwnOfOtherKinds(ctx, in.AliasSysID, in.Credential.Kind)
	}
	if err != nil {
		return Connection{SysID: id}, fmt.Errorf("clear away the earlier credential of connection %q: %w", in.Name, err)
	}
	record, err := a.c.rest.Get(ctx, dictionary.TableHTTPConnection, id, servicenow.ReadOptions{Fields: connectionFields})
	if err != nil {
		return Connection{SysID: id}, fmt.Errorf("read connection %q back: %w", in.Name, err)
	}
	connection := decodeConnection(record)
	connection.Credential, err = a.credential(ctx, credential)
	return connection, err
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

// connectionTaken explains a refused name by the connection that has it.
func (a *Aliases) connectionTaken(ctx context.Context, name string, refused error) error {
	const aliasID = dictionary.ConnectionAlias + "." + dictionary.AliasID
	other, err := a.c.rest.Find(ctx, dictionary.TableHTTPConnection, servicenow.Where(servicenow.Eq(dictionary.ConnectionName, name)),
		servicenow.ReadOptions{Fields: []string{dictionary.ConnectionName, dictionary.ConnectionAlias, aliasID}})
	if err != nil {
		return fmt.Errorf("save connection %q: %w", name, refused)
	}
	return &ConnectionTakenError{
		Name: name, SysID: other.ID(), AliasSysID: other.Get(dictionary.ConnectionAlias), AliasID: other.Get(aliasID),
	}
}

// exists explains a refused name by the record that has it.
func (a *Aliases) exists(ctx context.Context, table, column, object, name string, refused error) error {
	other, err := a.c.rest.Find(ctx, table, servicenow.Where(servicenow.Eq(column, name)), servicenow.ReadOptions{Fields: []string{column}})
	if err != nil {
		return fmt.Errorf("save %s %q: %w", object, name, refused)
	}
	return &ExistsError{Object: object, Key: name, SysID: other.ID()}
}

// DeleteConnection deletes a connection and then its credential. What is gone is no error. A credential of a kind that is
// not known here stays.
func (a *Aliases) DeleteConnection(ctx context.Context, connection Connection) error {
	if err := a.c.rest.Delete(ctx, dictionary.TableHTTPConnection, connection.SysID); err != nil {
		return fmt.Errorf("delete connection %s: %w", connection.SysID, err)
	}
	credential := connection.Credential
	if credential.Kind == "" {
		var err error
		if credential, err = a.credential(ctx, credential.SysID); err != nil {
			return err
		}
	}
	return a.deleteCredential(ctx, connection.AliasSysID, credential)
}
