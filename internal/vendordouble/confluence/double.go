// Package confluence is a double of a Confluence Cloud site: the routes that the connector calls, over an invented site
// that is made from a seed, with the gateway in front of it, the OAuth token endpoint and the organisation's admin API. It
// answers as Atlassian does, its refusals and limits included, and with faults on demand.
//
// Everybody in it is invented. Mail addresses are in example.com and example.org (RFC 2606).
package confluence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/control"
)

// Options of a double. The zero value is a site without members and with Atlassian's limits.
type Options struct {
	Members int   // people who hold a seat; guests, bots and others without one are added in proportion
	Seed    int64 // equal seeds make equal sites
	// Now is the clock for activity, tokens and limits; nil means time.Now. The site's history ends when New is called.
	Now func() time.Time
	// NoBudgets switches the rate limits off.
	NoBudgets bool
	// PointsPerHour is the quota of OAuth apps; 0 means 65,000, the first tier.
	PointsPerHour int
	// ContentsPerPerson is how many pages each person who writes has changed; 0 means 3.
	ContentsPerPerson int
	// ExtraGroups adds so many groups that give no access, as other sites of an organisation do.
	ExtraGroups int
	// TimeZone is that of the token's user, in which CQL reads its dates; nil means UTC.
	TimeZone *time.Location
	// AccessLife is how long an access token lives; 0 means an hour.
	AccessLife time.Duration
	// RefreshLeeway is how long a refresh token that was used is still taken; 0 refuses it at once.
	RefreshLeeway time.Duration
}

// Double is a running site. It is an http.Handler and safe for use by several goroutines.
type Double struct {
	now    func() time.Time
	seed   uint64
	zone   *time.Location
	keys   credentials
	grants *grants

	mux    *http.ServeMux
	limits *limits
	log    control.Log[Write]
	faults *control.Faults

	mu       sync.RWMutex
	people   []person
	groups   []group
	contents []content // in the order of their last change
	lagging  map[membership]struct{}
}

// credentials are what the double accepts.
type credentials struct {
	cloud, org             string
	token                  string // of a service account
	mail, apiToken         string // of a person
	adminKey               string
	clientID, clientSecret string
}

// New makes a double.
func New(o Options) *Double {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TimeZone == nil {
		o.TimeZone = time.UTC
	}
	if o.ContentsPerPerson == 0 {
		o.ContentsPerPerson = 3
	}
	d := &Double{
		now: o.Now, seed: mix(uint64(o.Seed)), zone: o.TimeZone, lagging: map[membership]struct{}{},
		faults: control.NewFaults(Faults(), Routes()),
	}
	d.keys = credentials{
		cloud: uuid(mix(d.seed^1), 1), org: uuid(mix(d.seed^2), 2),
		token: "ATSTT3xFfGF0" + hexDigits(d.seed, 3, 48), apiToken: "ATATT3xFfGF0" + hexDigits(d.seed, 4, 48),
		adminKey: "ATCTT3xFfGN0" + hexDigits(d.seed, 5, 48),
		clientID: hexDigits(d.seed, 6, 32), clientSecret: "ATOA" + hexDigits(d.seed, 7, 60),
	}
	d.grants = newGrants(d.seed, cmp.Or(o.AccessLife, time.Hour), o.RefreshLeeway)
	d.limits = newLimits(!o.NoBudgets, o.PointsPerHour)
	now := d.now().UTC()
	d.populate(max(o.Members, 0), o.ExtraGroups, now)
	d.write(o.ContentsPerPerson)
	d.keys.mail = string(d.appendEmail(nil, 0))
	d.mux = d.routes()
	return d
}

// CloudID is the id of the site.
func (d *Double) CloudID() string { return d.keys.cloud }

// OrganizationID is the id of the organisation that the site belongs to.
func (d *Double) OrganizationID() string { return d.keys.org }

// Token is an API token of a service account, for the gateway.
func (d *Double) Token() string { return d.keys.token }

// Basic is the mail address and API token of a person, for basic authentication.
func (d *Double) Basic() (mail, token string) { return d.keys.mail, d.keys.apiToken }

// AdminKey is an API key of the organisation.
func (d *Double) AdminKey() string { return d.keys.adminKey }

// Client is the id and secret of an OAuth app.
func (d *Double) Client() (id, secret string) { return d.keys.clientID, d.keys.clientSecret }

// Server is a double that listens.
type Server struct {
	*Double
	URL  string // such as http://127.0.0.1:40001; the site itself
	http *http.Server
	done chan struct{}
}

// GatewayURL is the connection URL for tokens that go through Atlassian's gateway.
func (s *Server) GatewayURL() string { return s.URL + "/ex/confluence/" + s.CloudID() }

// Start makes a double that listens on a free port of this machine. Close ends it.
func Start(o Options) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the Confluence double: %w", err)
	}
	return New(o).Serve(listener), nil
}

// Serve answers on a listener until Close.
func (d *Double) Serve(listener net.Listener) *Server {
	s := &Server{
		Double: d,
		URL:    "http://" + listener.Addr().String(),
		http:   &http.Server{Handler: d, ReadHeaderTimeout: 10 * time.Second, ErrorLog: discardLog},
		done:   make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			d.log.Failed(err)
		}
	}()
	return s
}

// Close ends the double at once.
func (s *Server) Close() {
	_ = s.http.Close()
	<-s.done
}

// Shutdown lets answers in hand finish first.
func (s *Server) Shutdown(ctx context.Context) error {
	defer func() { <-s.done }()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
		return fmt.Errorf("stop the Confluence double: %w", err)
	}
	return nil
}
