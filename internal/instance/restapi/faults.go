package restapi

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FaultKind is one way in which an instance misbehaves.
type FaultKind string

// The kinds of faults that hit single requests.
const (
	FaultRateLimited  FaultKind = "rate_limited"   // 429 of a rate limit rule, with its headers
	FaultBusy         FaultKind = "busy"           // 429 of the node's semaphore, without headers
	FaultUnavailable  FaultKind = "unavailable"    // 503, an HTML page
	FaultHibernating  FaultKind = "hibernating"    // 200, the page of a sleeping developer instance
	FaultTruncated    FaultKind = "truncated"      // 200, the answer stops half-way
	FaultErrorInside  FaultKind = "error_inside"   // 200, an error beside the result
	FaultCreateDenied FaultKind = "create_denied"  // POST creates the record and answers 403
	FaultForbidden    FaultKind = "forbidden"      // 403 of an access rule; nothing is done
	FaultUnauthorized FaultKind = "unauthorized"   // 401
	FaultServerError  FaultKind = "internal_error" // 500; nothing is done
)

// Fault makes matching requests fail.
type Fault struct {
	Kind   FaultKind
	Method string // empty matches every method
	Path   string // part of the path; empty matches every path
	Times  int    // how many requests fail; 0 means until Clear
	// RetryAfter is announced by FaultRateLimited; 0 means one second.
	RetryAfter time.Duration
}

// Faults are misbehaviours that tests switch on and off while the instance runs. The zero value has none. It is safe for
// concurrent use.
type Faults struct {
	mu        sync.Mutex
	faults    []*Fault
	latency   time.Duration
	hidden    map[string]map[string]bool
	dropped   map[string]bool
	missing   map[string]bool
	noApp     bool
	otherID   string
	isOtherID bool
}

// Inject adds a fault.
func (f *Faults) Inject(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, &fault)
}

// Delay makes every answer wait, or end with the request's context.
func (f *Faults) Delay(d time.Duration) { f.set(func() { f.latency = d }) }

// HideRow hides a row as an access rule would: lists pass over it but count it, single reads do not find it.
func (f *Faults) HideRow(table, sysID string) {
	f.set(func() {
		// A new map, since the former one may be in use.
		rows := maps.Clone(f.hidden[table])
		if rows == nil {
			rows = map[string]bool{}
		}
		rows[sysID] = true
		if f.hidden == nil {
			f.hidden = map[string]map[string]bool{}
		}
		f.hidden[table] = rows
	})
}

// DropColumn ignores what is written to a column.
func (f *Faults) DropColumn(table, column string) {
	f.set(func() {
		if f.dropped == nil {
			f.dropped = map[string]bool{}
		}
		f.dropped[table+"."+column] = true
	})
}

// RemoveTable makes a table unknown, as when its plugin is not active.
func (f *Faults) RemoveTable(table string) {
	f.set(func() {
		if f.missing == nil {
			f.missing = map[string]bool{}
		}
		f.missing[table] = true
	})
}

// RemoveCompanion takes the companion app away: table mode.
func (f *Faults) RemoveCompanion() { f.set(func() { f.noApp = true }) }

// SetInstanceID makes the instance pretend to be another one.
func (f *Faults) SetInstanceID(id string) { f.set(func() { f.otherID, f.isOtherID = id, true }) }

// Clear ends all misbehaviour.
func (f *Faults) Clear() {
	f.set(func() {
		f.faults, f.latency, f.hidden, f.dropped, f.missing = nil, 0, nil, nil, nil
		f.noApp, f.otherID, f.isOtherID = false, "", false
	})
}

func (f *Faults) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *Faults) hiddenRows(table string) map[string]bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hidden[table]
}

func (f *Faults) columnDropped(table, column string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dropped[table+"."+column]
}

func (f *Faults) tableMissing(table string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.missing[table]
}

func (f *Faults) companionMissing() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.noApp
}

func (f *Faults) otherInstance() (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.otherID, f.isOtherID
}

func (f *Faults) deniesCreated(c *call) bool {
	_, ok := f.take(c, func(k FaultKind) bool { return k == FaultCreateDenied })
	return ok
}

// take finds a fault that hits the request and counts it.
func (f *Faults) take(c *call, wanted func(FaultKind) bool) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.faults {
		if !wanted(fault.Kind) || fault.Method != "" && fault.Method != c.method || !strings.Contains(c.r.URL.Path, fault.Path) {
			continue
		}
		hit := *fault
		if fault.Times > 0 {
			if fault.Times--; fault.Times == 0 {
				f.faults = append(f.faults[:i:i], f.faults[i+1:]...)
			}
		}
		return hit, true
	}
	return Fault{}, false
}

// serve answers with a fault, or lets next answer.
func (f *Faults) serve(c *call, next func()) {
	f.mu.Lock()
	latency := f.latency
	f.mu.Unlock()
	if latency > 0 {
		select {
		case <-time.After(latency):
		case <-c.r.Context().Done():
			c.fail(statusClientClosed, "Transaction cancelled", "The caller went away")
			return
		}
	}
	fault, ok := f.take(c, func(k FaultKind) bool { return k != FaultCreateDenied })
	if !ok {
		next()
		return
	}
	switch fault.Kind {
	case FaultRateLimited:
		c.rateLimited(fault)
	case FaultBusy:
		c.fail(http.StatusTooManyRequests, "Too many requests", "")
	case FaultUnavailable:
		c.page(http.StatusServiceUnavailable, "<html><body><h1>503 Service Unavailable</h1>The instance is offline.</body></html>")
	case FaultHibernating:
		c.page(http.StatusOK, `<html><body class="instance-hibernating-page">Your instance is hibernating</body></html>`)
	case FaultForbidden:
		c.denied("Query", "")
	case FaultUnauthorized:
		c.w.Header().Set("WWW-Authenticate", `BASIC realm="Service-now"`)
		c.fail(http.StatusUnauthorized, "User Not Authenticated", "Required to provide Auth information")
	case FaultServerError:
		c.fail(http.StatusInternalServerError, "Transaction failed", "")
	default:
		c.damage(fault.Kind, next)
	}
}

func (c *call) rateLimited(fault Fault) {
	wait := fault.RetryAfter
	if wait <= 0 {
		wait = time.Second
	}
	h := c.w.Header()
	h.Set("X-RateLimit-Limit", "100")
	h.Set("X-RateLimit-Reset", strconv.FormatInt(c.options.Now().Add(wait).Unix(), 10))
	h.Set("X-RateLimit-Rule", "0123456789abcdef0123456789abcdef")
	h.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	c.fail(http.StatusTooManyRequests, "Rate limit exceeded", "Rate limit of 100 requests per hour for Table API exceeded")
}

func (c *call) page(status int, html string) {
	c.w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	c.w.WriteHeader(status)
	_, _ = c.w.Write([]byte(html))
}

// damage lets next answer and spoils the answer.
func (c *call) damage(kind FaultKind, next func()) {
	w := c.w
	held := &heldWriter{ResponseWriter: w, status: http.StatusOK}
	c.w = held
	next()
	c.w = w
	body := held.body.Bytes()
	if kind == FaultTruncated {
		body = body[:len(body)/2]
	} else {
		body = append(bytes.TrimSuffix(body, []byte("}")),
			`,"error":{"message":"Transaction cancelled: maximum execution time exceeded","detail":null},"status":"failure"}`...)
	}
	w.WriteHeader(held.status)
	_, _ = w.Write(body)
}

// heldWriter keeps an answer back.
type heldWriter struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *heldWriter) WriteHeader(status int) { h.status = status }

func (h *heldWriter) Write(b []byte) (int, error) { return h.body.Write(b) }
