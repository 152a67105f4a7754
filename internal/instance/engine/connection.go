package engine

import (
	"context"
	"net/url"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func connectionRules() tableRules {
	return tableRules{
		beforeInsert: func(ctx context.Context, c *change) error {
			c.fill(dictionary.ConnectionActive, "true")
			if err := checkConnection(ctx, c); err != nil {
				return err
			}
			return markUnvalidated(ctx, c.tx, c.values[dictionary.ConnectionAlias])
		},
		beforeUpdate: checkConnection,
		afterUpdate:  connectionChanged,
		afterDelete:  connectionChanged,
	}
}

func checkConnection(ctx context.Context, c *change) error {
	if c.after(dictionary.ConnectionName) == "" {
		return c.refuse("Name is mandatory", "a connection needs a name")
	}
	if err := checkConnectionURL(c); err != nil {
		return err
	}
	for _, ref := range []struct{ column, table, what string }{
		{dictionary.ConnectionAlias, dictionary.TableAlias, "alias"},
		{dictionary.ConnectionCred, dictionary.TableCredential, "credential"},
	} {
		id := c.values[ref.column]
		if id == "" || !c.changes(ref.column) {
			continue
		}
		found, err := lookUp(ctx, c.tx, ref.table, id)
		if err != nil {
			return err
		}
		if found == nil {
			return c.refuse("References must exist", "there is no %s with sys_id %s for the connection %s", ref.what, id, c.after(dictionary.ConnectionName))
		}
	}
	return checkOneActiveConnection(ctx, c)
}

// checkConnectionURL wants a full URL without secrets in it. Whether the host is the vendor's is checked when a profile
// validates, since only then the vendor is known.
func checkConnectionURL(c *change) error {
	raw := c.after(dictionary.ConnectionURL)
	u, err := url.Parse(raw)
	const example = "write it as https://host/path"
	switch {
	case raw == "":
		return c.refuse("Connection URL", "a connection needs a connection URL, such as https://api.trello.com/")
	case err != nil:
		return c.refuse("Connection URL", "the connection URL cannot be read: it is no URL")
	case (u.Scheme != "https" && u.Scheme != "http") || u.Host == "":
		return c.refuse("Connection URL", "the connection URL has no scheme or no host; %s", example)
	case u.User != nil:
		return c.refuse("Connection URL", "the connection URL for host %q carries a user or password; credentials belong into the credential record", u.Hostname())
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(raw, "#"):
		return c.refuse("Connection URL", "the connection URL for host %q has a query or a fragment; %s, and put secrets into the credential record", u.Hostname(), example)
	}
	return nil
}

func checkOneActiveConnection(ctx context.Context, c *change) error {
	alias := c.after(dictionary.ConnectionAlias)
	if alias == "" || !isTrue(c.after(dictionary.ConnectionActive)) {
		return nil
	}
	active, err := c.tx.Find(ctx, dictionary.TableHTTPConnection,
		dictionary.ConnectionAlias+"="+alias+"^"+dictionary.ConnectionActive+"=true", store.FindOptions{Limit: 2})
	if err != nil {
		return err
	}
	for _, other := range active {
		if other[dictionary.SysID] != c.sysID() {
			return c.refuse("One active connection per alias", "the alias has an active connection already: %q; deactivate or delete that one first",
				other[dictionary.ConnectionName])
		}
	}
	return nil
}

// connectionChanged makes the validation stale of the profiles that use the connection, or used it until now.
func connectionChanged(ctx context.Context, c *change) error {
	if err := markUnvalidated(ctx, c.tx, c.before[dictionary.ConnectionAlias]); err != nil {
		return err
	}
	if c.changes(dictionary.ConnectionAlias) {
		return markUnvalidated(ctx, c.tx, c.values[dictionary.ConnectionAlias])
	}
	return nil
}
