package engine

import (
	"context"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// oauthEntityRules are those of application registries.
func oauthEntityRules() tableRules {
	check := func(_ context.Context, c *change) error {
		if c.after(dictionary.OAuthEntityName) == "" {
			return c.refuse("Name is mandatory", "an application registry needs a name")
		}
		return nil
	}
	return tableRules{
		beforeInsert: check,
		beforeUpdate: check,
		afterUpdate:  func(ctx context.Context, c *change) error { return markRegistryUnvalidated(ctx, c.tx, c.sysID()) },
		afterDelete: func(ctx context.Context, c *change) error {
			_, err := c.tx.Exec(ctx, `DELETE FROM oauth_credential WHERE peer = ?`, c.sysID())
			return err
		},
	}
}

// oauthTokenRules are those of issued tokens. A refresh token that somebody enters begins a new grant: what the one before
// left is dropped.
func oauthTokenRules() tableRules {
	begin := func(ctx context.Context, c *change) error {
		if c.after(dictionary.OAuthTokenType) != dictionary.OAuthRefreshToken || c.values[dictionary.OAuthTokenValue] == "" {
			return nil
		}
		c.values[dictionary.OAuthTokenExpires] = ""
		peer := c.after(dictionary.OAuthTokenPeer)
		_, err := c.tx.Exec(ctx, `DELETE FROM oauth_credential WHERE peer = ? AND sys_id <> ?`, peer, c.sysID())
		if err != nil {
			return err
		}
		return markRegistryUnvalidated(ctx, c.tx, peer)
	}
	return tableRules{
		beforeInsert: func(ctx context.Context, c *change) error {
			peer, err := lookUp(ctx, c.tx, dictionary.TableOAuthEntity, c.values[dictionary.OAuthTokenPeer])
			if err != nil {
				return err
			}
			if peer == nil {
				return c.refuse("References must exist", "a token belongs to an application registry; there is none with sys_id %q", c.values[dictionary.OAuthTokenPeer])
			}
			return begin(ctx, c)
		},
		beforeUpdate: begin,
		afterDelete: func(ctx context.Context, c *change) error {
			return markRegistryUnvalidated(ctx, c.tx, c.before[dictionary.OAuthTokenPeer])
		},
	}
}

// markRegistryUnvalidated forgets the validation of the profiles that sign in with an application registry.
func markRegistryUnvalidated(ctx context.Context, tx *store.Tx, entity string) error {
	if entity == "" {
		return nil
	}
	connections, err := tx.Find(ctx, dictionary.TableOAuthCredential,
		dictionary.CredentialAuthEntity+"."+dictionary.OAuthProfileEntity+"="+entity, store.FindOptions{})
	if err != nil {
		return err
	}
	for _, credential := range connections {
		if err := markCredentialUnvalidated(ctx, tx, credential[dictionary.SysID]); err != nil {
			return err
		}
	}
	return nil
}
