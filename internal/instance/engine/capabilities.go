package engine

import (
	"context"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// Capabilities tells a client what this instance is and can do. It does not create the database.
func (e *Engine) Capabilities(ctx context.Context) (companion.Capabilities, error) {
	id, err := e.db.InstanceID(ctx)
	if err != nil {
		return companion.Capabilities{}, err
	}
	var currency string
	err = e.db.View(ctx, func(tx *store.Tx) error {
		currency, err = e.currency(ctx, tx)
		return err
	})
	if err != nil {
		return companion.Capabilities{}, err
	}
	c := companion.Capabilities{
		InstanceID:      id,
		Kind:            companion.KindEmbedded,
		Version:         e.opt.Version,
		ReleaseFamily:   string(e.opt.ReleaseFamily),
		CredentialKinds: dictionary.CredentialKinds(),
		Currency:        currency,
		Notifications:   e.opt.Notifications,
		Plugins: []companion.Plugin{
			{ID: "com.snc.samp", Active: true, Version: e.opt.Version},
			{ID: "sn_sam_saas_int", Active: true, Version: e.opt.Version},
		},
	}
	for _, t := range dictionary.ProfileTypes(e.opt.ReleaseFamily) {
		c.ProfileTypes = append(c.ProfileTypes, companion.ProfileType{
			Value: t.Value, Label: t.Label, Vendor: t.Vendor, Spoke: t.SpokeScope, Installed: e.opt.Connectors[t.Vendor] != nil,
		})
	}
	return c, nil
}
