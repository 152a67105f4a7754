package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// tenant is an organisation at a vendor.
type tenant struct{ id, name string }

func (t tenant) String() string {
	if t.name == "" || t.name == t.id {
		return t.id
	}
	return fmt.Sprintf("%s (%s)", t.name, t.id)
}

// askTenant asks where a connection leads; ok is false where the vendor's connector cannot tell.
func askTenant(ctx context.Context, vendor connector.Connector) (t tenant, ok bool, err error) {
	reader, ok := vendor.(connector.TenantReader)
	if !ok {
		return tenant{}, false, nil
	}
	t.id, t.name, err = reader.Tenant(ctx)
	return t, true, err
}

// readTenant is where the subscriptions of a profile were read last; the zero tenant before they were.
func readTenant(ctx context.Context, tx *store.Tx, profile string) (t tenant, err error) {
	err = tx.QueryRow(ctx, `SELECT id, name FROM snsam_tenant WHERE profile = ?`, profile).Scan(&t.id, &t.name)
	if errors.Is(err, sql.ErrNoRows) {
		return tenant{}, nil
	}
	if err != nil {
		return t, fmt.Errorf("read the tenant of profile %s: %w", profile, err)
	}
	return t, nil
}

func (t tenant) store(ctx context.Context, tx *store.Tx, profile string) error {
	_, err := tx.Exec(ctx, `INSERT INTO snsam_tenant (profile, id, name) VALUES (?, ?, ?)
		ON CONFLICT (profile) DO UPDATE SET id = excluded.id, name = excluded.name`, profile, t.id, t.name)
	if err != nil {
		return fmt.Errorf("store the tenant of profile %s: %w", profile, err)
	}
	return nil
}

// moveTo remembers where the subscriptions were read, once that went well.
func (f *refresh) moveTo(ctx context.Context, now tenant) error {
	var then tenant
	err := f.engine.db.View(ctx, func(tx *store.Tx) (err error) {
		then, err = readTenant(ctx, tx, f.profileID)
		return err
	})
	if err != nil || then == now {
		return err
	}
	if then.id != "" && then.id != now.id {
		f.warn("the subscriptions were read in %s until now, and the connection leads to %s", then, now)
	}
	return f.run.update(ctx, func(tx *store.Tx) error { return now.store(ctx, tx, f.profileID) })
}

// checkTenant fails unless the connection leads to where the subscriptions of the profile were read.
func (e *Engine) checkTenant(ctx context.Context, a access, vendor connector.Connector) error {
	now, ok, err := askTenant(ctx, vendor)
	if err != nil || !ok {
		return err
	}
	var then tenant
	err = e.db.View(ctx, func(tx *store.Tx) error {
		then, err = readTenant(ctx, tx, a.profile[dictionary.SysID])
		return err
	})
	switch {
	case err != nil:
		return err
	case then.id == "":
		return &errPreflight{fmt.Sprintf("The subscriptions of the integration profile %q were never read completely over its connection, "+
			"which leads to %s. Refresh them, then review the candidates again.", a.profile[dictionary.ProfileDisplayName], now)}
	case then.id != now.id:
		return &errPreflight{fmt.Sprintf("The evidence was collected in %s, and the connection of the integration profile %q leads to %s now. "+
			"Refresh its subscriptions, then review the candidates again.", then, a.profile[dictionary.ProfileDisplayName], now)}
	}
	return nil
}
