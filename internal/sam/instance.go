package sam

import (
	"context"
	"errors"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Instance tells what answers. The answer is kept for the life of the client, except while an embedded database does not
// exist yet.
func (c *Client) Instance(ctx context.Context) (Instance, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.instance != nil {
		return *c.instance, nil
	}
	instance, err := c.askInstance(ctx)
	if err != nil {
		return Instance{}, fmt.Errorf("ask the instance what it is: %w", err)
	}
	if instance.ID != "" {
		c.instance = &instance
	}
	return instance, nil
}

func (c *Client) askInstance(ctx context.Context) (Instance, error) {
	answer, err := c.rest.Capabilities(ctx)
	if errors.Is(err, ErrNoCompanion) {
		return Instance{
			ID: c.rest.Host(), Host: c.rest.Host(), Kind: companion.KindServiceNow, Mode: ModeTable, ReleaseFamily: dictionary.Australia,
		}, nil
	}
	if err != nil {
		return Instance{}, err
	}
	family := dictionary.ReleaseFamily(answer.ReleaseFamily)
	if !family.Valid() {
		// A family we have no catalogue for is newer than this provider: the newest one is nearest.
		family = dictionary.ReleaseFamilies()[0]
	}
	return Instance{
		ID: answer.InstanceID, Host: c.rest.Host(), Kind: answer.Kind, Mode: ModeFull, Version: answer.Version, ReleaseFamily: family,
		Plugins: answer.Plugins, ProfileTypes: answer.ProfileTypes, CredentialKinds: answer.CredentialKinds,
		Notifications: answer.Notifications, Currency: answer.Currency,
	}, nil
}

// CheckInstance fails with a *WrongInstanceError when the instance that answers is not the expected one, or its database
// does not exist. An empty expected id accepts every instance.
func (c *Client) CheckInstance(ctx context.Context, expected string) error {
	if expected == "" {
		return nil
	}
	instance, err := c.Instance(ctx)
	if err != nil {
		return err
	}
	if instance.ID != expected {
		return &WrongInstanceError{Expected: expected, Actual: instance.ID}
	}
	return nil
}

// embedded tells whether the embedded instance answers. It has columns that ServiceNow has not.
func (c *Client) embedded(ctx context.Context) (bool, error) {
	instance, err := c.Instance(ctx)
	return instance.Kind == companion.KindEmbedded, err
}

// read reads one record; ErrNotFound means that it is gone, and not merely hidden.
func (c *Client) read(ctx context.Context, table, sysID string, o servicenow.ReadOptions) (servicenow.Record, error) {
	record, err := c.rest.Get(ctx, table, sysID, o)
	if errors.Is(err, ErrNotFound) {
		return nil, c.confirmGone(ctx, table, sysID, err)
	}
	return record, explain(table, err)
}

// confirmGone decides what a 404 means, which the Table API answers for deleted and for hidden records alike. Its counts
// are taken before access rules apply, so a record that still counts is hidden. On ServiceNow, where domains and query
// rules hide rows from counts too, a table that seems wholly empty proves nothing.
func (c *Client) confirmGone(ctx context.Context, table, sysID string, notFound error) error {
	left, err := c.rest.Count(ctx, table, servicenow.Where(servicenow.Eq(dictionary.SysID, sysID)))
	if err != nil {
		return explain(table, err)
	}
	if left > 0 {
		return &HiddenError{Table: table, SysID: sysID, Reason: "the record exists, but the user may not read it"}
	}
	embedded, err := c.embedded(ctx)
	switch {
	case err != nil:
		return err
	case embedded:
		return notFound
	}
	rows, err := c.rest.Count(ctx, table, servicenow.Where())
	switch {
	case err != nil:
		return explain(table, err)
	case rows == 0:
		return &HiddenError{Table: table, SysID: sysID, Reason: "the user sees no record of this table at all, so it cannot be told whether this one is gone"}
	}
	return notFound
}

// explain turns a missing table of SAM into the missing plugin.
func explain(table string, err error) error {
	if errors.Is(err, ErrInvalidTable) {
		return &PluginMissingError{Table: table, Err: err}
	}
	return err
}

func meta(r servicenow.Record) Meta {
	count, _ := r.Int(dictionary.SysModCount)
	return Meta{
		CreatedOn: r.Time(dictionary.SysCreatedOn), UpdatedOn: r.Time(dictionary.SysUpdatedOn),
		UpdatedBy: r.Get(dictionary.SysUpdatedBy), ModCount: count,
	}
}

// metaFields are the columns of meta.
var metaFields = []string{dictionary.SysCreatedOn, dictionary.SysUpdatedOn, dictionary.SysUpdatedBy, dictionary.SysModCount}
