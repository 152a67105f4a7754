package engine

import (
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func credentialRules() tableRules {
	return tableRules{
		beforeInsert: func(_ context.Context, c *change) error {
			if c.values[dictionary.CredentialName] == "" {
				return c.refuse("Name is mandatory", "a credential needs a name")
			}
			return nil
		},
		afterUpdate: credentialChanged,
		afterDelete: credentialChanged,
	}
}

// credentialChanged makes the validation stale of the profiles whose connections use the credential.
func credentialChanged(ctx context.Context, c *change) error {
	return markCredentialUnvalidated(ctx, c.tx, c.sysID())
}

func markCredentialUnvalidated(ctx context.Context, tx *store.Tx, id string) error {
	connections, err := tx.Find(ctx, dictionary.TableHTTPConnection, dictionary.ConnectionCred+"="+id, store.FindOptions{})
	if err != nil {
		return err
	}
	for _, connection := range connections {
		if err := markUnvalidated(ctx, tx, connection[dictionary.ConnectionAlias]); err != nil {
			return err
		}
	}
	return nil
}

// sealSecrets encrypts the password2 columns of a write. Without sysparm_input_display_value ServiceNow takes such a value
// as encrypted already; nobody but the instance can make one, so the column is left as it is. A secret that is the same as
// the stored one is not written again: its ciphertext would change and look like drift.
func sealSecrets(c *change, w store.WriteOptions) error {
	for _, column := range dictionary.ColumnsOf(c.table) {
		clear, written := c.values[column.Name]
		if column.Type != dictionary.Password2 || !written {
			continue
		}
		if !w.InputDisplayValue {
			delete(c.values, column.Name)
			continue
		}
		if clear == "" {
			continue
		}
		if same, err := c.isStoredSecret(column.Name, clear); err != nil || same {
			delete(c.values, column.Name)
			if err != nil {
				return err
			}
			continue
		}
		if c.before == nil && c.values[dictionary.SysID] == "" {
			c.values[dictionary.SysID] = store.NewSysID(c.tx.Now())
		}
		sealed, err := c.tx.Seal(c.table, c.sysID(), column.Name, clear)
		if err != nil {
			return fmt.Errorf("seal %s of %s: %w", column.Name, c.table, err)
		}
		c.values[column.Name] = sealed
	}
	return nil
}

func (c *change) isStoredSecret(column, clear string) (bool, error) {
	sealed := c.before[column]
	if sealed == "" {
		return false, nil
	}
	stored, err := c.tx.Unseal(c.table, c.sysID(), column, sealed)
	if err != nil {
		return false, fmt.Errorf("unseal %s of %s: %w", column, c.table, err)
	}
	return stored == clear, nil
}
