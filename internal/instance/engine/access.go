package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// noConnection is what the form says about a profile whose alias has no active connection (KB2719199).
const noConnection = "The connection record is not associated with the Connection and credential field. Create the connection to proceed further."

// setupError is something about the profile, its connection or its credential that a person has to put right before the
// vendor can be called at all.
type setupError struct{ message string }

func (e *setupError) Error() string { return e.message }

// access is all that is needed to call the vendor of a profile.
type access struct {
	profile  store.Row
	vendor   dictionary.ProfileType
	config   connector.Config
	revision string // changes whenever one of the records changes that it was read from
}

// vendorAccess follows the profile to its alias, the active connection of that and its credential.
func (e *Engine) vendorAccess(ctx context.Context, tx *store.Tx, profileID string) (access, error) {
	profile, err := tx.Get(ctx, dictionary.TableProfile, profileID)
	if err != nil {
		return access{}, fmt.Errorf("read integration profile %s: %w", profileID, err)
	}
	t, ok := dictionary.ProfileTypeByValue(e.opt.ReleaseFamily, profile[dictionary.ProfileType_])
	if !ok || e.opt.Connectors[t.Vendor] == nil {
		return access{}, &setupError{fmt.Sprintf("The spoke of profile type %s is not installed on this instance.", profile[dictionary.ProfileType_])}
	}
	connection, err := activeConnection(ctx, tx, profile[dictionary.ProfileAlias])
	if err != nil {
		return access{}, err
	}
	if err := connector.CheckBaseURL(connection[dictionary.ConnectionURL], t.Connection.Hosts); err != nil {
		return access{}, &setupError{fmt.Sprintf("Connection %q: %v.", connection[dictionary.ConnectionName], err)}
	}
	credential, secrets, err := credentialSecrets(ctx, tx, connection)
	if err != nil {
		return access{}, err
	}
	properties, err := parseProperties(profile[dictionary.ProfileCustomProperties])
	if err != nil {
		return access{}, &setupError{err.Error()}
	}
	revision := profile[dictionary.ProfileAlias] + fmt.Sprint(properties.Vendor)
	for _, row := range []store.Row{connection, credential} {
		revision += " " + row[dictionary.SysID] + "@" + row[dictionary.SysModCount]
	}
	return access{
		profile:  profile,
		vendor:   t,
		revision: revision,
		config: connector.Config{
			BaseURL: connection[dictionary.ConnectionURL],
			Secrets: secrets,
			Options: properties.Vendor,
			Now:     e.opt.Now,
			Log:     e.log,
		},
	}, nil
}

func activeConnection(ctx context.Context, tx *store.Tx, alias string) (store.Row, error) {
	if alias == "" {
		return nil, &setupError{"The profile has no Connection and credential alias. Choose one."}
	}
	connection, err := findOne(ctx, tx, dictionary.TableHTTPConnection,
		dictionary.ConnectionAlias+"="+alias+"^"+dictionary.ConnectionActive+"=true")
	if err != nil {
		return nil, err
	}
	if connection == nil {
		return nil, &setupError{noConnection}
	}
	return connection, nil
}

// credentialSecrets unseals the secrets of a connection's credential.
func credentialSecrets(ctx context.Context, tx *store.Tx, connection store.Row) (store.Row, map[string]connector.Secret, error) {
	name := connection[dictionary.ConnectionName]
	id := connection[dictionary.ConnectionCred]
	if id == "" {
		return nil, nil, &setupError{fmt.Sprintf("Connection %q has no credential. Create one and choose it there.", name)}
	}
	base, err := lookUp(ctx, tx, dictionary.TableCredential, id)
	if err != nil {
		return nil, nil, err
	}
	if base == nil || !isTrue(base[dictionary.CredentialActive]) {
		return nil, nil, &setupError{fmt.Sprintf("The credential of connection %q does not exist or is not active.", name)}
	}
	table := base[dictionary.SysClassName]
	row, err := tx.Get(ctx, table, id)
	if err != nil {
		return nil, nil, fmt.Errorf("read credential %s: %w", id, err)
	}
	secrets := map[string]connector.Secret{}
	for _, column := range dictionary.ColumnsOf(table) {
		if column.Type != dictionary.Password2 || row[column.Name] == "" {
			continue
		}
		clear, err := tx.Unseal(table, id, column.Name, row[column.Name])
		if err != nil {
			return nil, nil, fmt.Errorf("unseal %s of credential %q: %w", column.Name, row[dictionary.CredentialName], err)
		}
		secrets[column.Name] = connector.NewSecret(clear)
	}
	if len(secrets) == 0 {
		return nil, nil, &setupError{fmt.Sprintf("The credential %q of connection %q holds no secret. Enter it again.", row[dictionary.CredentialName], name)}
	}
	return row, secrets, nil
}

// connect reads the access of a profile and makes its connector.
func (e *Engine) connect(ctx context.Context, profileID string) (access, connector.Connector, error) {
	var a access
	err := e.db.View(ctx, func(tx *store.Tx) error {
		var err error
		a, err = e.vendorAccess(ctx, tx, profileID)
		return err
	})
	if err != nil {
		return a, nil, err
	}
	c, err := e.opt.Connectors[a.vendor.Vendor](a.config)
	var bad *connector.Error
	if errors.As(err, &bad) && bad.Kind == connector.KindConfig {
		return a, nil, &setupError{bad.Error()}
	}
	return a, c, err
}
