package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// noConnection is what the form says about a profile whose alias has no active connection (KB2719199).
const noConnection = "The connection record is not associated with the Connection and credential field. Create the connection to proceed further."

// setupError is something about the profile, its connection or its credential that a person has to put right before the
// vendor can be called at all.
type setupError struct {
	message string
	code    string // of the check that validation makes of it
}

func (e *setupError) Error() string { return e.message }

func setupFailure(format string, args ...any) error {
	return &setupError{message: fmt.Sprintf(format, args...)}
}

// access is all that is needed to call the vendor of a profile or an alias.
type access struct {
	profile    store.Row // nil where an alias is used without one
	properties companion.CustomProperties
	vendor     dictionary.ProfileType
	config     connector.Config
	source     string // what is pulled from: connection URL and the vendor's options
	revision   string // changes whenever one of the records changes that it was read from
}

// profileAccess follows the profile to its alias, the active connection of that and its credential.
func (e *Engine) profileAccess(ctx context.Context, tx *store.Tx, profileID string) (access, error) {
	profile, err := tx.Get(ctx, dictionary.TableProfile, profileID)
	if err != nil {
		return access{}, fmt.Errorf("read integration profile %s: %w", profileID, err)
	}
	t, ok := dictionary.ProfileTypeByValue(e.opt.ReleaseFamily, profile[dictionary.ProfileType_])
	if !ok {
		return access{profile: profile}, setupFailure("The profile type %s is not known on this instance.", profile[dictionary.ProfileType_])
	}
	if profile[dictionary.ProfileAlias] == "" {
		return access{profile: profile}, setupFailure("The profile has no Connection and credential alias. Choose one.")
	}
	alias, err := lookUp(ctx, tx, dictionary.TableAlias, profile[dictionary.ProfileAlias])
	if err != nil {
		return access{}, err
	}
	if alias == nil {
		return access{profile: profile}, setupFailure("The Connection and credential alias of the profile does not exist any more. Choose another one.")
	}
	properties, err := parseProperties(profile[dictionary.ProfileCustomProperties])
	if err != nil {
		return access{profile: profile}, setupFailure("%v", err)
	}
	a := access{profile: profile, properties: properties, vendor: t}
	options := map[string]string{}
	maps.Copy(options, properties.Vendor)
	for _, toggle := range []string{dictionary.ProfileDownloadActivity, dictionary.ProfileReclaim} {
		if t.ActivitySubflow { // elsewhere a connector has nothing to choose by them
			options[toggle] = profile[toggle]
		}
	}
	return a, e.addConnection(ctx, tx, &a, alias, options)
}

// addConnection completes an access with the connection of an alias.
func (e *Engine) addConnection(ctx context.Context, tx *store.Tx, a *access, alias store.Row, options map[string]string) error {
	if e.opt.Connectors[a.vendor.Vendor] == nil {
		return setupFailure("The spoke of profile type %s is not installed on this instance.", a.vendor.Value)
	}
	connection, err := activeConnection(ctx, tx, alias[dictionary.SysID])
	if err != nil {
		return err
	}
	url := connection[dictionary.ConnectionURL]
	if err := connector.CheckBaseURL(url, a.vendor.Connection.Hosts); err != nil {
		return setupFailure("Connection %q: %v.", connection[dictionary.ConnectionName], err)
	}
	c, err := e.readCredential(ctx, tx, a.vendor, connection, alias)
	if err != nil {
		return err
	}
	a.source = url + " " + renderOptions(a.properties.Vendor)
	a.revision = alias[dictionary.SysID] + renderOptions(options)
	for _, row := range append([]store.Row{connection}, c.rows...) {
		a.revision += " " + row[dictionary.SysID] + "@" + row[dictionary.SysModCount]
	}
	a.config = connector.Config{
		BaseURL: url,
		Secrets: c.secrets,
		Options: options,
		Now:     e.opt.Now,
		Log:     e.log,
	}
	if c.app != nil {
		a.config.Tokens = e.newGrantTokens(*c.app, a.profile == nil)
	}
	return nil
}

func renderOptions(options map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(options)) {
		fmt.Fprintf(&b, "%s=%q;", name, options[name])
	}
	return b.String()
}

func activeConnection(ctx context.Context, tx *store.Tx, alias string) (store.Row, error) {
	connection, err := findOne(ctx, tx, dictionary.TableHTTPConnection,
		dictionary.ConnectionAlias+"="+alias+"^"+dictionary.ConnectionActive+"=true")
	if err != nil {
		return nil, err
	}
	if connection == nil {
		return nil, setupFailure(noConnection)
	}
	return connection, nil
}

// connect reads the access of a profile and makes its connector. The groups that validation found stand in for groups that
// were not chosen.
func (e *Engine) connect(ctx context.Context, profileID string) (access, connector.Connector, error) {
	return e.connectWith(ctx, profileID, func(a *access) {
		if a.properties.Vendor[optionGroups] == "" && a.properties.ResolvedGroups != "" {
			a.config.Options[optionGroups] = a.properties.ResolvedGroups
		}
	})
}

// connectWith is connect with a change to the access.
func (e *Engine) connectWith(ctx context.Context, profileID string, change func(*access)) (access, connector.Connector, error) {
	var a access
	err := e.db.View(ctx, func(tx *store.Tx) error {
		var err error
		a, err = e.profileAccess(ctx, tx, profileID)
		return err
	})
	if err != nil {
		return a, nil, err
	}
	change(&a)
	c, err := e.connectorOf(a)
	return a, c, err
}

// connectorOf makes the connector of an access.
func (e *Engine) connectorOf(a access) (connector.Connector, error) {
	c, err := e.opt.Connectors[a.vendor.Vendor](a.config)
	var bad *connector.Error
	if errors.As(err, &bad) && bad.Kind == connector.KindConfig {
		return nil, setupFailure("%v", bad)
	}
	return c, err
}
