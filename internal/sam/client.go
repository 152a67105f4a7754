// Package sam is the typed client of SaaS License Management: integration profiles, aliases, subscriptions, removal
// candidates, jobs. It knows nothing of Terraform, and not which kind of instance answers.
package sam

import (
	"sync"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Client gives access to one instance. It is safe for concurrent use.
type Client struct {
	Profiles      *Profiles
	Aliases       *Aliases
	Subscriptions *Subscriptions
	Candidates    *Candidates
	Jobs          *Jobs
	Users         *Users
	Entitlements  *Entitlements
	// Reconciliations are the licence position.
	Reconciliations *Reconciliations
	Models          *Models
	Identifiers     *Identifiers
	ResolutionRules *ResolutionRules
	Rules           *ReclamationRules
	Exclusions      *Exclusions
	Metering        *Metering
	// ReclamationRuns are the evidence of reclaims and restores.
	ReclamationRuns *ReclamationRuns

	rest *servicenow.Client

	mu       sync.Mutex
	instance *Instance
	states   *candidateStates
}

// New makes a client. It does no I/O.
func New(rest *servicenow.Client) *Client {
	c := &Client{rest: rest}
	c.Profiles = &Profiles{c}
	c.Aliases = &Aliases{c}
	c.Subscriptions = &Subscriptions{c}
	c.Candidates = &Candidates{c}
	c.Jobs = &Jobs{c}
	c.Users = &Users{c}
	c.Entitlements = &Entitlements{c}
	c.Reconciliations = &Reconciliations{c}
	c.Models = &Models{c}
	c.Identifiers = &Identifiers{c}
	c.ResolutionRules = &ResolutionRules{c}
	c.Rules = &ReclamationRules{c}
	c.Exclusions = &Exclusions{c}
	c.Metering = &Metering{c}
	c.ReclamationRuns = &ReclamationRuns{c}
	return c
}

// Say receives one line of progress. Nil discards. It is called only when something changed.
type Say func(line string)

// Mode tells what an instance can do for us.
type Mode string

// The modes.
const (
	// ModeFull has the companion routes: validate, publish, refresh and reclaim work.
	ModeFull Mode = "full"
	// ModeTable has only the Table API: records can be written and read, profiles stop at Draft.
	ModeTable Mode = "table"
)

// Instance is what a client talks to.
type Instance struct {
	// ID identifies the instance: the UUID of an embedded database, empty while that database does not exist yet; the
	// host name of a ServiceNow instance in table mode.
	ID              string
	Host            string // of the instance, as its URL names it
	Kind            string // companion.KindEmbedded or companion.KindServiceNow
	Mode            Mode
	Version         string
	ReleaseFamily   dictionary.ReleaseFamily
	Plugins         []companion.Plugin
	ProfileTypes    []companion.ProfileType
	CredentialKinds []string
	Notifications   bool   // a message to a user can be delivered
	Currency        string // in which the instance keeps amounts (ISO 4217); empty where it is not known
}

// Meta is who changed a record last, and how often it was changed.
type Meta struct {
	CreatedOn time.Time
	UpdatedOn time.Time
	UpdatedBy string
	ModCount  int
}
