// Package instance is the embedded instance: Software Asset Management – SaaS License Management without ServiceNow, over
// a database of its own, behind the same REST dialect.
//
// In a process of the provider it is reached through Transport, without a port; serve puts Handler on one. Nothing happens
// until the first request: New does no I/O, reading never creates the database, and long work runs only between the call
// that starts it and Close.
package instance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// Config of an instance.
type Config struct {
	DatabaseURL string // sqlite:PATH
	// EncryptionKey seals secrets; empty means a key file beside the database.
	EncryptionKey string
	ReleaseFamily dictionary.ReleaseFamily // empty means australia
	// Connectors by vendor (dictionary.ProfileType.Vendor): the spokes that are installed.
	Connectors map[string]connector.Factory
	Version    string           // that capabilities report
	Now        func() time.Time // nil means time.Now
	Log        *slog.Logger     // nil discards
	// LeaseTTL is how long a run may be silent before others take over; 0 means the engine's default.
	LeaseTTL time.Duration
	Faults   *restapi.Faults // for tests; nil means none
	// KeepUsers leaves sys_user alone; otherwise a refresh makes a user per mail address that nobody has.
	KeepUsers bool
	// RetentionDays is for how long data about people is kept that is not needed any more, and EvidenceRetentionDays for how
	// long the evidence of reclaims; 0 means for ever.
	RetentionDays, EvidenceRetentionDays int
	// NotificationDelivery tells who delivers messages to users: empty for nobody, or DeliveryExternal.
	NotificationDelivery string
	// Currency in which amounts are kept (ISO 4217); empty means that of the database, which begins with USD. It cannot change
	// once the database has amounts.
	Currency string
}

// DeliveryExternal is the notification delivery by a program that reads the outbox (dictionary.TableEmail) over the REST dialect,
// delivers what is send-ready, and sets its type to sent or send-failed.
const DeliveryExternal = "external"

// Instance is safe for concurrent use. Several instances, also in several processes, may share a database.
type Instance struct {
	db      *store.Database
	engine  *engine.Engine
	handler http.Handler
}

// New makes an instance. It does no I/O; what is wrong with the configuration is an error, what is wrong with the database
// is told by the first request.
func New(c Config) (*Instance, error) {
	if c.ReleaseFamily == "" {
		c.ReleaseFamily = dictionary.Australia
	}
	if !c.ReleaseFamily.Valid() {
		return nil, fmt.Errorf("release family %q is not known; known are %v", c.ReleaseFamily, dictionary.ReleaseFamilies())
	}
	if c.NotificationDelivery != "" && c.NotificationDelivery != DeliveryExternal {
		return nil, fmt.Errorf("notification delivery %q is not known; known is %s", c.NotificationDelivery, DeliveryExternal)
	}
	if c.Currency != "" && !dictionary.IsCurrency(c.Currency) {
		return nil, fmt.Errorf("currency %q is not a code of ISO 4217, such as %s", c.Currency, dictionary.DefaultCurrency)
	}
	db, err := store.New(c.DatabaseURL, store.Options{Now: c.Now, EncryptionKey: c.EncryptionKey, Log: c.Log})
	if err != nil {
		return nil, err
	}
	e := engine.New(db, engine.Options{
		Connectors:    c.Connectors,
		Now:           c.Now,
		Log:           c.Log,
		ReleaseFamily: c.ReleaseFamily,
		LeaseTTL:      c.LeaseTTL,
		Notifications: c.NotificationDelivery != "",
		Currency:      c.Currency,
		Version:       c.Version,
		KeepUsers:     c.KeepUsers,
		Retention:     engine.Retention{Days: c.RetentionDays, EvidenceDays: c.EvidenceRetentionDays},
	})
	return &Instance{db: db, engine: e, handler: restapi.New(e, restapi.Options{Now: c.Now, Log: c.Log, Faults: c.Faults})}, nil
}

// Handler serves the REST dialect. It does not ask for credentials; see restapi.WithBasicAuth.
func (i *Instance) Handler() http.Handler { return i.handler }

// NothingDue is what RunDue says where no job's time has come.
const NothingDue = engine.NothingDue

// RunDue runs the jobs whose time has come, one after the other, and tells say what happens.
func (i *Instance) RunDue(ctx context.Context, say func(string)) error {
	return i.engine.RunDue(ctx, say)
}

// AutoPolicy is what reclaims without a reviewer respect.
type AutoPolicy = engine.AutoPolicy

// AutoReclaimer takes the licences that await their revocation once the users were told. It is for one goroutine.
type AutoReclaimer = engine.AutoReclaimer

// AutoReclaimer makes one that has tried nothing yet.
func (i *Instance) AutoReclaimer(policy AutoPolicy) *AutoReclaimer {
	return i.engine.AutoReclaimer(policy)
}

// Forget removes what is stored about one person; see engine.Engine.Forget.
func (i *Instance) Forget(ctx context.Context, user string, dryRun bool) (engine.ForgetOutcome, error) {
	return i.engine.Forget(ctx, user, dryRun)
}

// Close cancels what is running, waits until it has stored its outcome, or until ctx ends, and closes the database.
func (i *Instance) Close(ctx context.Context) error {
	return errors.Join(i.engine.Close(ctx), i.db.Close())
}
