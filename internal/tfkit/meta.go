package tfkit

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// Meta is what the provider block hands to every resource and data source.
type Meta struct {
	// Unknown lists the attributes of the provider block that are not known yet. There is no client then.
	Unknown []string
	// Policy is what every reclaim respects.
	Policy Policy
	// Host of a ServiceNow instance; empty with an embedded one.
	Host string
	// ReleaseFamily the configuration asks for; dictionary.Australia where it says nothing.
	ReleaseFamily dictionary.ReleaseFamily
	// DatabasePath is where the embedded database is; empty with a ServiceNow instance.
	DatabasePath string
	// KeyConfigured tells that the key of the database comes from the configuration, and not from a file beside it.
	KeyConfigured bool
	// CheckBaseURL tells whether credentials may be sent to a base URL: the hosts are the vendor's.
	CheckBaseURL func(raw string, hosts []string) error
	// Evidence is what the environment says of this run. It fills in what a configuration leaves out, since who approved a
	// saved plan is known only when it is applied.
	Evidence companion.Evidence
	Now      func() time.Time
	// RedactUsers is what redact_users of a data source is where it is not set.
	RedactUsers bool
	Log         *slog.Logger

	client  *sam.Client
	created sync.Once
	claimed sync.Map
}

// NewMeta makes a Meta around a client; nil where the provider block holds unknown values.
func NewMeta(client *sam.Client) *Meta { return &Meta{client: client} }

// Client gives the client, or an error that names what the provider block lacks.
func (m *Meta) Client() (*sam.Client, diag.Diagnostics) {
	if m.client != nil {
		return m.client, nil
	}
	return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Provider configuration not known yet", fmt.Sprintf(
		"The provider block of servicenowsam depends on values that are known only after apply: %s. Give them values that "+
			"are known while planning, or first apply what they depend on with -target.", strings.Join(m.Unknown, ", ")))}
}

// Claim takes a record of the instance for one resource; false where another resource of this provider process has it. An
// instance has records that two resource blocks would fight over, and no place to say whose they are.
func (m *Meta) Claim(sysID string) bool {
	_, taken := m.claimed.LoadOrStore(sysID, true)
	return !taken
}

// Unclaim gives up what Claim took.
func (m *Meta) Unclaim(sysID string) { m.claimed.Delete(sysID) }

// Say makes the sink of progress lines of one operation.
func (m *Meta) Say(ctx context.Context, operation, object string) sam.Say {
	return func(line string) {
		m.Log.InfoContext(ctx, line, "operation", operation, "object", object)
	}
}

// instancePin is the instance that a resource was made on.
type instancePin struct {
	ID string `json:"id"`
}

var pinnedInstance = Pin[instancePin]{Key: "instance"}

// CheckInstance makes sure that the instance which answers is the one that the resource was made on. Another database, a
// new one or none is an error and never "not found": a lost disk must not empty the state.
func (m *Meta) CheckInstance(ctx context.Context, private PrivateReader, object string) (sam.Instance, diag.Diagnostics) {
	client, diags := m.Client()
	if diags.HasError() {
		return sam.Instance{}, diags
	}
	pin, _, diags := pinnedInstance.Load(ctx, private)
	if diags.HasError() {
		return sam.Instance{}, diags
	}
	if err := client.CheckInstance(ctx, pin.ID); err != nil {
		if m.DatabasePath != "" {
			object += " in " + m.DatabasePath
		}
		diags.Append(ErrorDiagnostic("check the instance of", object, err))
		return sam.Instance{}, diags
	}
	instance, err := client.Instance(ctx)
	if err != nil {
		diags.Append(ErrorDiagnostic("ask what holds", object, err))
	}
	return instance, diags
}

// PinInstance remembers the instance that a resource lives on.
func PinInstance(ctx context.Context, private PrivateWriter, instance sam.Instance) diag.Diagnostics {
	return pinnedInstance.Save(ctx, private, instancePin{ID: instance.ID})
}

// PinnedInstance is the id of the instance that a resource lives on, as it was pinned; empty where none was.
func PinnedInstance(ctx context.Context, private PrivateReader) (string, diag.Diagnostics) {
	pin, _, diags := pinnedInstance.Load(ctx, private)
	return pin.ID, diags
}

// Created reads the instance after the first write of a Create. Where that write made the embedded database, the warning
// of its first use is added, once per provider process.
func (m *Meta) Created(ctx context.Context, before sam.Instance, diags *diag.Diagnostics) sam.Instance {
	instance, err := m.client.Instance(ctx)
	if err != nil {
		diags.Append(ErrorDiagnostic("ask for the id of", "the instance", err))
		return before
	}
	if before.ID == "" && instance.ID != "" && instance.Kind == companion.KindEmbedded {
		m.created.Do(func() { diags.Append(m.firstUse()) })
	}
	return instance
}

func (m *Meta) firstUse() diag.Diagnostic {
	key, files := m.DatabasePath+".key", fmt.Sprintf("%[1]s, %[1]s-wal and %[1]s.key", m.DatabasePath)
	sealed := fmt.Sprintf("sealed with the key in %s", key)
	if m.KeyConfigured {
		sealed = "sealed with the configured encryption key"
		files = fmt.Sprintf("%[1]s and %[1]s-wal", m.DatabasePath)
	}
	return diag.NewWarningDiagnostic("A new embedded database was created", fmt.Sprintf(
		"The embedded instance now lives in %[1]s.\n\n"+
			"It holds who uses which licence and since when (personal data of your people), the removal candidates, the job "+
			"results, and the connection secrets, %[2]s.\n\n"+
			"Keep it: without the file, or without its key, all of that is lost and Terraform refuses to go on. To back it up, "+
			"copy %[3]s while nothing runs. Keep it out of version control, and do not use it beside a ServiceNow profile for the "+
			"same vendor tenant.", m.DatabasePath, sealed, files))
}
