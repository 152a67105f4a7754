// Package asana is a double of Asana: the routes that the connector calls, over an invented organisation that is made from
// a seed. It answers as Asana does, its refusals and limits included, and with faults on demand.
//
// Everybody in it is invented. Mail addresses are in example.com and example.org (RFC 2606).
package asana

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/control"
)

// Options of a double. The zero value is an organisation of one member, its admin, with Asana's limits.
type Options struct {
	// Members is how many people hold a seat, at least the one whose token it is; guests and former members are added in
	// proportion.
	Members int
	Seed    int64 // equal seeds make equal organisations
	// TasksPerMember is about how many tasks a busy member worked on in the last 60 days; 0 means 8.
	TasksPerMember int
	// Now is the clock for activity, offsets and limits; nil means time.Now. History ends when New is called.
	Now func() time.Time
	// NoBudgets switches Asana's rate limits off.
	NoBudgets bool
	// ExportTakes is how long a resource export takes; 0 means 20 seconds.
	ExportTakes time.Duration
}

// Double is a running organisation. It is an http.Handler and safe for use by several goroutines.
type Double struct {
	now     func() time.Time
	seed    uint64
	founded time.Time

	mux         *http.ServeMux
	budgets     *budgets
	log         control.Log[Write]
	faults      *control.Faults
	oauth       oauth
	exportTakes time.Duration

	mu     sync.RWMutex
	people []person
	rows   []row // memberships, in the order of the list
	tasks  []task
	newest []uint32           // tasks by the time of their last change, the newest first
	extra  map[uint32][]story // stories that were added since New, by task
	events []event            // of the audit log, the oldest first
	jobs   []*job
}

// New makes a double.
func New(o Options) *Double {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ExportTakes == 0 {
		o.ExportTakes = 20 * time.Second
	}
	if o.TasksPerMember == 0 {
		o.TasksPerMember = 8
	}
	d := &Double{
		now:         o.Now,
		seed:        mix(uint64(o.Seed)),
		founded:     o.Now().UTC().AddDate(-7, 0, 0).Truncate(time.Second),
		budgets:     newBudgets(!o.NoBudgets),
		faults:      control.NewFaults(Faults(), Routes()),
		exportTakes: o.ExportTakes,
		extra:       map[uint32][]story{},
	}
	now := d.now().UTC()
	d.populate(max(o.Members, 1), now)
	d.work(o.TasksPerMember, now)
	d.oauth = newOAuth(d.seed)
	d.mux = d.routes()
	return d
}

// Token is the personal access token of an admin of the organisation. It sees what that person may see.
func (d *Double) Token() string { return "2/" + digits(d.seed, 1, 16) + "/" + digits(d.seed, 2, 32) }

// ServiceToken is the token of a service account, which sees everything.
func (d *Double) ServiceToken() string {
	return "2/" + digits(d.seed, 3, 16) + "/" + digits(d.seed, 4, 32)
}

// WorkspaceID is the id of the organisation.
func (d *Double) WorkspaceID() string { return workspaceGID }

// Server is a double that listens.
type Server struct {
	*Double
	URL  string // such as http://127.0.0.1:40001, without the API's path
	http *http.Server
	done chan struct{}
}

// Start makes a double that listens on a free port of this machine. Close ends it.
func Start(o Options) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the Asana double: %w", err)
	}
	return New(o).Serve(listener), nil
}

// Serve answers on a listener until Close.
func (d *Double) Serve(listener net.Listener) *Server {
	s := &Server{
		Double: d,
		URL:    "http://" + listener.Addr().String(),
		http:   &http.Server{Handler: d, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)},
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
		return fmt.Errorf("stop the Asana double: %w", err)
	}
	return nil
}
