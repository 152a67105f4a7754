package sam

import "context"

// Aliases are the connection and credential aliases, with the connection and credential behind each.
type Aliases struct{ c *Client }

// Alias is a connection and credential alias.
type Alias struct {
	SysID          string
	ID             string // full id: scope and name, such as sn_trello_spoke.Trello_Alias
	Name           string
	Type           string // connection or credential
	ConnectionType string // such as http_connection
	ParentSysID    string
	Template       string // name of the configuration template
	Meta           Meta
}

// AliasInput is an alias to create.
type AliasInput struct {
	SysID       string // 32 hex; generated when empty
	Name        string
	ProfileType string // its template and connection type are used; may be empty
}

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

// Get reads an alias. ErrNotFound means confirmed gone.
func (a *Aliases) Get(ctx context.Context, sysID string) (Alias, error) { return Alias{}, errSkeleton }

// FindByID finds an alias by its full id, such as sn_trello_spoke.Trello_Alias, or ErrNotFound.
func (a *Aliases) FindByID(ctx context.Context, id string) (Alias, error) {
	return Alias{}, errSkeleton
}

// FindByName finds an alias by its name, or ErrNotFound. Two of the same name are an error.
func (a *Aliases) FindByName(ctx context.Context, name string) (Alias, error) {
	return Alias{}, errSkeleton
}

// Create creates an alias. An alias of the same name is an *ExistsError.
func (a *Aliases) Create(ctx context.Context, in AliasInput) (Alias, error) {
	return Alias{}, errSkeleton
}

// Delete deletes an alias. An alias that is gone is no error.
func (a *Aliases) Delete(ctx context.Context, sysID string) error { return errSkeleton }

// Connection gives the active connection of an alias, or the newest one where none is active, or ErrNotFound.
func (a *Aliases) Connection(ctx context.Context, aliasSysID string) (Connection, error) {
	return Connection{}, errSkeleton
}

// SaveConnection makes the connection and credential of an alias as in says: credential, then its secrets, then the
// connection that points to it. It can be repeated after it was interrupted anywhere.
func (a *Aliases) SaveConnection(ctx context.Context, in ConnectionInput) (Connection, error) {
	return Connection{}, errSkeleton
}

// DeleteConnection deletes a connection and then its credential. What is gone is no error.
func (a *Aliases) DeleteConnection(ctx context.Context, connection Connection) error {
	return errSkeleton
}
