// Package restapi is the server side of ServiceNow's REST dialect: Table and Aggregate API and the companion routes, with
// the shapes, headers, defaults and error texts that the Table API documentation and public clients show. It stores
// nothing; a Backend does.
package restapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// Backend is what serves the routes.
type Backend interface {
	// View runs fn on a snapshot of the database.
	View(ctx context.Context, fn func(*store.Tx) error) error
	// Insert, Update and Delete run the business rules.
	Insert(ctx context.Context, table string, values store.Row, w store.WriteOptions) (store.Row, error)
	Update(ctx context.Context, table, sysID string, values store.Row, w store.WriteOptions) (store.Row, error)
	Delete(ctx context.Context, table, sysID string) error

	Capabilities(ctx context.Context) (companion.Capabilities, error)
	StartValidate(ctx context.Context, profile, idempotencyKey string) (companion.Progress, error)
	StartPublish(ctx context.Context, profile, idempotencyKey string) (companion.Progress, error)
	StartRefresh(ctx context.Context, profile string, r companion.RefreshRequest, idempotencyKey string) (companion.Progress, error)
	StartReclaim(ctx context.Context, r companion.ReclaimRequest, idempotencyKey string) (companion.Progress, error)
	StartRestore(ctx context.Context, r companion.RestoreRequest, idempotencyKey string) (companion.Progress, error)
	StartReconcile(ctx context.Context, r companion.ReconcileRequest, idempotencyKey string) (companion.Progress, error)
	// Answer names the candidate by sys_id or number.
	Answer(ctx context.Context, candidate string, r companion.AnswerRequest) (companion.Answered, error)
	// CreateChild and Groups name the alias by sys_id or full id.
	CreateChild(ctx context.Context, alias string, r companion.ChildRequest) (companion.Alias, error)
	Groups(ctx context.Context, alias string) (companion.GroupList, error)
	Progress(ctx context.Context, id string) (companion.Progress, error)
	// Cancel returns once the run has ended or a second has passed.
	Cancel(ctx context.Context, id string) (companion.Progress, error)
}

// Options of New.
type Options struct {
	// StrictQueries makes a query with an invalid condition match nothing (glide.invalid_query.returns_no_rows). By default
	// the condition is dropped, as on ServiceNow.
	StrictQueries bool
	// Faults are switched on by tests; nil means none.
	Faults *Faults
	Now    func() time.Time // nil means time.Now
	Log    *slog.Logger     // nil discards
}

// New makes the handler.
func New(b Backend, o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Faults == nil {
		o.Faults = &Faults{}
	}
	return &handler{backend: b, options: o, faults: o.Faults}
}

type handler struct {
	backend Backend
	options Options
	faults  *Faults
}

// call is one request on its way through the handler.
type call struct {
	*handler
	w http.ResponseWriter
	r *http.Request
	// method is that of the request, or the one tunnelled through POST.
	method string
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := h.options.Now()
	header := w.Header()
	header.Set("Content-Type", "application/json;charset=UTF-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Is-Logged-In", "true")
	header.Set("X-Transaction-ID", transactionID())

	c := &call{handler: h, w: w, r: r, method: r.Method}
	if override := r.Header.Get("X-HTTP-Method-Override"); override != "" && r.Method == http.MethodPost {
		c.method = strings.ToUpper(override)
	}
	h.faults.serve(c, c.route)
	h.options.Log.DebugContext(r.Context(), "served", "method", c.method, "path", r.URL.Path,
		"transaction", header.Get("X-Transaction-ID"), "took", h.options.Now().Sub(started))
}

func (c *call) route() {
	if c.foreign() {
		c.fail(http.StatusForbidden, "Foreign origin", "This instance serves programs; it refuses calls that a page of another site makes through a browser")
		return
	}
	path := c.r.URL.Path
	if rest, ok := strings.CutPrefix(path, companion.BasePath+"/"); ok {
		c.companion(rest)
		return
	}
	rest, ok := strings.CutPrefix(path, "/api/now/")
	if !ok {
		c.noSuchRoute()
		return
	}
	version := ""
	if v, after, ok := strings.Cut(rest, "/"); ok && (v == "v1" || v == "v2") {
		version, rest = v, after
	}
	segments := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	switch {
	case segments[0] == "table" && len(segments) == 2:
		c.table(segments[1], version)
	case segments[0] == "table" && len(segments) == 3:
		c.record(segments[1], segments[2])
	case segments[0] == "stats" && len(segments) == 2:
		c.stats(segments[1])
	default:
		c.noSuchRoute()
	}
}

// accepts checks the headers that the REST API demands, and answers when they are not right.
func (c *call) accepts() bool {
	accept := c.r.Header.Get("Accept")
	switch {
	case c.method == http.MethodDelete:
	case accept == "":
		c.fail(http.StatusBadRequest, "Missing header", "The Accept header is mandatory; send application/json")
		return false
	case !mentionsJSON(accept):
		c.fail(http.StatusNotAcceptable, "Media type not acceptable", "This instance answers application/json only")
		return false
	}
	if c.method != http.MethodPost && c.method != http.MethodPut && c.method != http.MethodPatch {
		return true
	}
	return c.sendsJSON()
}

// sendsJSON checks the type of the body, and answers when it is not JSON.
func (c *call) sendsJSON() bool {
	content, _, _ := strings.Cut(c.r.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(strings.ToLower(content)) != "application/json" {
		c.fail(http.StatusUnsupportedMediaType, "Unsupported media type", "Send Content-Type: application/json")
		return false
	}
	return true
}

// foreign tells whether a browser sends the request for a page of another site, with the credentials that it remembers.
func (c *call) foreign() bool {
	origin := c.r.Header.Get("Origin")
	return origin != "" && !strings.EqualFold(origin, c.origin())
}

func mentionsJSON(accept string) bool {
	for _, part := range strings.Split(strings.ToLower(accept), ",") {
		media, _, _ := strings.Cut(part, ";")
		switch strings.TrimSpace(media) {
		case "application/json", "application/*", "*/*":
			return true
		}
	}
	return false
}

// origin is the scheme and host that links start with.
func (c *call) origin() string {
	scheme := c.r.URL.Scheme
	switch {
	case scheme != "":
	case c.r.TLS != nil:
		scheme = "https"
	default:
		scheme = "http"
	}
	host := c.r.Host
	if host == "" {
		host = c.r.URL.Host
	}
	return scheme + "://" + host
}

func transactionID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return hex.EncodeToString(b[:])
}
