package sam

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Aliases are the connection and credential aliases, with the connection and credential behind each.
type Aliases struct{ c *Client }

// Alias is a connection and credential alias.
type Alias struct {
	SysID          string
	ID             string // full id: scope and name, such as sn_trello_spoke.Trello_Alias
	Name           string
	Type           string // connection or credential
	ConnectionType string // such as http_connection
	ParentSysID    string // empty for a top-level alias
	ParentID       string // full id of the parent
	Template       string // name of the configuration template
	RetryPolicy    string // name of the default retry policy
	// MultipleConnections is whether several connections of the alias may be active at once.
	MultipleConnections bool
	Meta                Meta
}

// AliasInput is an alias to create.
type AliasInput struct {
	SysID       string // 32 hex; generated when empty
	Name        string
	ProfileType string // its template and connection type are used; may be empty
}

const (
	fieldParentID        = dictionary.AliasParent + "." + dictionary.AliasID
	fieldTemplateName    = dictionary.AliasTemplate + "." + dictionary.TemplateName
	fieldRetryPolicyName = dictionary.AliasRetryPolicy + "." + dictionary.RetryPolicyName
)

var aliasFields = slices.Concat([]string{
	dictionary.AliasName, dictionary.AliasID, dictionary.AliasType, dictionary.AliasConnectionType, dictionary.AliasParent,
	dictionary.AliasMultipleConnections, fieldParentID, fieldTemplateName, fieldRetryPolicyName,
}, metaFields)

// Get reads an alias. ErrNotFound means confirmed gone.
func (a *Aliases) Get(ctx context.Context, sysID string) (Alias, error) {
	record, err := a.c.read(ctx, dictionary.TableAlias, sysID, servicenow.ReadOptions{Fields: aliasFields})
	if err != nil {
		return Alias{}, err
	}
	return decodeAlias(record)
}

// FindByID finds an alias by its full id, such as sn_trello_spoke.Trello_Alias, or ErrNotFound.
func (a *Aliases) FindByID(ctx context.Context, id string) (Alias, error) {
	return a.find(ctx, dictionary.AliasID, id)
}

// FindByName finds an alias by its name, or ErrNotFound. Two of the same name are ErrAmbiguous.
func (a *Aliases) FindByName(ctx context.Context, name string) (Alias, error) {
	return a.find(ctx, dictionary.AliasName, name)
}

func (a *Aliases) find(ctx context.Context, column, value string) (Alias, error) {
	record, err := a.c.rest.Find(ctx, dictionary.TableAlias, servicenow.Where(servicenow.Eq(column, value)),
		servicenow.ReadOptions{Fields: aliasFields})
	if err != nil {
		return Alias{}, err
	}
	return decodeAlias(record)
}

// Create creates an alias. An alias of the same name is an *ExistsError.
func (a *Aliases) Create(ctx context.Context, in AliasInput) (Alias, error) {
	existing, err := a.FindByName(ctx, in.Name)
	switch {
	case err == nil && existing.SysID == in.SysID:
		return existing, nil // an earlier attempt of the same Create
	case err == nil:
		return Alias{}, &ExistsError{Object: "connection alias", Key: in.Name, SysID: existing.SysID}
	case !errors.Is(err, ErrNotFound):
		return Alias{}, err
	}
	values, err := a.createValues(ctx, in)
	if err != nil {
		return Alias{}, err
	}
	record, err := a.c.rest.Create(ctx, dictionary.TableAlias, values)
	if err != nil {
		return Alias{SysID: record.ID()}, fmt.Errorf("create connection alias %q: %w", in.Name, err)
	}
	return a.Get(ctx, record.ID())
}

func (a *Aliases) createValues(ctx context.Context, in AliasInput) (servicenow.Values, error) {
	values := servicenow.Values{
		dictionary.AliasName: in.Name, dictionary.AliasType: dictionary.AliasTypeConnection,
		dictionary.AliasConnectionType: dictionary.TableHTTPConnection,
	}
	if in.SysID != "" {
		values[dictionary.SysID] = in.SysID
	}
	policy, err := a.lookUp(ctx, dictionary.TableRetryPolicy, dictionary.RetryPolicyName, dictionary.DefaultHTTPRetryPolicy)
	if err != nil {
		return nil, err
	}
	if policy != "" {
		values[dictionary.AliasRetryPolicy] = policy
	}
	if in.ProfileType == "" {
		return values, nil
	}
	instance, err := a.c.Instance(ctx)
	if err != nil {
		return nil, err
	}
	t, err := typeOn(instance, in.ProfileType)
	if err != nil {
		return nil, err
	}
	name := t.DefaultAlias(toggles(t, ProfileInput{})).Template
	if name == "" {
		return values, nil
	}
	template, err := a.lookUp(ctx, dictionary.TableAliasTemplate, dictionary.TemplateName, name)
	if err != nil {
		return nil, err
	}
	if template != "" {
		values[dictionary.AliasTemplate] = template
	}
	return values, nil
}

// lookUp finds a record that an alias can do without: the form sets it for people. Empty when there is none, or the user
// may not see it.
func (a *Aliases) lookUp(ctx context.Context, table, column, value string) (string, error) {
	records, err := a.c.rest.List(ctx, table, servicenow.Where(servicenow.Eq(column, value)).OrderBy(dictionary.SysID),
		servicenow.ListOptions{ReadOptions: servicenow.ReadOptions{Fields: []string{column}}, Limit: 1})
	if err != nil && !errors.Is(err, ErrDenied) {
		return "", fmt.Errorf("look up %s %q: %w", table, value, err)
	}
	if len(records) == 0 {
		return "", nil
	}
	return records[0].ID(), nil
}

// Delete deletes an alias. An alias that is gone is no error.
func (a *Aliases) Delete(ctx context.Context, sysID string) error {
	if err := a.c.rest.Delete(ctx, dictionary.TableAlias, sysID); err != nil {
		return fmt.Errorf("delete connection alias %s: %w", sysID, err)
	}
	return nil
}

func decodeAlias(r servicenow.Record) (Alias, error) {
	if !r.Has(dictionary.AliasName) {
		return Alias{}, &servicenow.HiddenColumnError{Table: dictionary.TableAlias, SysID: r.ID(), Column: dictionary.AliasName}
	}
	return Alias{
		SysID: r.ID(), ID: r.Get(dictionary.AliasID), Name: r.Get(dictionary.AliasName), Type: r.Get(dictionary.AliasType),
		ConnectionType: r.Get(dictionary.AliasConnectionType), ParentSysID: r.Get(dictionary.AliasParent),
		ParentID: r.Get(fieldParentID), Template: r.Get(fieldTemplateName), RetryPolicy: r.Get(fieldRetryPolicyName),
		MultipleConnections: r.Bool(dictionary.AliasMultipleConnections), Meta: meta(r),
	}, nil
}
