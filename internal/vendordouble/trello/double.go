// Package trello is a double of Trello Enterprise: the routes that the connector calls, over an invented enterprise that
// is made from a seed. It answers as Trello does, its refusals and limits included, and with faults on demand.
//
// Everybody in it is invented. Mail addresses are in example.com and example.org (RFC 2606).
package trello

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/control"
)

// Options of a double. The zero value is an enterprise without members and with Trello's limits.
type Options struct {
	Members int   // people who hold a licence; others, without one, are added in proportion
	Seed    int64 // equal seeds make equal enterprises
	// Now is the clock for activity and limits; nil means time.Now. The enterprise's history ends when New is called.
	Now func() time.Time
	// NoBudgets switches Trello's rate limits off.
	NoBudgets bool
	// Key and Token are the credentials; empty ones are made from the seed.
	Key, Token string
}

// Double is a running enterprise. It is an http.Handler and safe for use by several goroutines.
type Double struct {
	now        func() time.Time
	seed       uint64
	key, token string
	enterprise string // id
	tokenMade  time.Time

	mux     *http.ServeMux
	budgets *budgets
	log     control.Log[Write]
	faults  *control.Faults

	mu       sync.RWMutex
	people   []person
	licensed []uint32 // indexes of people, in the order of the member list
	before   []uint32 // what licensed was, for the first page that is asked for after a swap
	maxSeats int
}

// New makes a double.
func New(o Options) *Double {
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Double{
		now:  o.Now,
		seed: mix(uint64(o.Seed)),
		key:  o.Key, token: o.Token,
		budgets: newBudgets(!o.NoBudgets),
		faults:  control.NewFaults(Faults(), Routes()),
	}
	now := d.now().UTC()
	if d.key == "" {
		d.key = hexDigits(d.seed, 1, 32)
	}
	if d.token == "" {
		d.token = "ATTA" + hexDigits(d.seed, 2, 64)
	}
	d.tokenMade = now.AddDate(0, -2, 0).Truncate(time.Millisecond)
	founded := uint32(now.AddDate(-6, 0, 0).Unix())
	d.enterprise = objectID(founded, d.seed, maxPeople-1)
	d.populate(max(o.Members, 0), now)
	d.mux = d.routes()
	return d
}

// Key is the API key that the double accepts.
func (d *Double) Key() string { return d.key }

// Token is the token that the double accepts; its user is an admin of the enterprise.
func (d *Double) Token() string { return d.token }

// EnterpriseID is the id of the enterprise.
func (d *Double) EnterpriseID() string { return d.enterprise }

// Server is a double that listens.
type Server struct {
	*Double
	URL  string // such as http://127.0.0.1:40001, without the API's version
	http *http.Server
	done chan struct{}
}

// Start makes a double that listens on a free port of this machine. Close ends it.
func Start(o Options) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the Trello double: %w", err)
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
		return fmt.Errorf("stop the Trello double: %w", err)
	}
	return nil
}
