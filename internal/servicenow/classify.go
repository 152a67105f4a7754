package servicenow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// envelope is the frame around every answer.
type envelope struct {
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
		Detail  string `json:"detail"`
	} `json:"error"`
}

// classify turns one answer into its result or an error. Texts are those of the Table API's error catalogue.
func (p retryPolicy) classify(r request, resp *http.Response, body []byte) (json.RawMessage, *Error) {
	failure := &Error{
		Method: r.method, Table: r.table, Path: r.path, InProcess: r.inProcess,
		Status: resp.StatusCode, TransactionID: resp.Header.Get("X-Transaction-ID"),
	}
	if resp.StatusCode == http.StatusNoContent {
		return nil, nil
	}
	var frame envelope
	decodeErr := decodeFrame(resp, body, &frame)
	if frame.Error != nil {
		failure.Message, failure.Detail = frame.Error.Message, frame.Error.Detail
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		failure.Err, failure.Advice = ErrUnauthorized, unauthorizedAdvice(resp.Header)
	case resp.StatusCode == http.StatusTooManyRequests:
		p.classifyRateLimit(failure, resp)
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		classifyNotJSON(failure, KindLogin)
	case errors.As(decodeErr, new(*NotJSONError)):
		classifyNotJSON(failure, htmlKind(resp.StatusCode, body))
	case resp.StatusCode >= 300:
		classifyRefusal(failure)
	case decodeErr != nil:
		failure.Err = ErrTruncated
		failure.Advice = "The instance probably ran into its time limit for one request; try again, or narrow the filter"
	case frame.Error != nil:
		failure.Err = ErrTruncated
		failure.Advice = "The instance gave up half-way; try again, or narrow the filter"
	case frame.Result == nil:
		classifyNotJSON(failure, KindUnknown)
	default:
		return frame.Result, nil
	}
	return nil, failure
}

// decodeFrame decodes the envelope; an answer that is no JSON at all is a *NotJSONError.
func decodeFrame(resp *http.Response, body []byte, frame *envelope) error {
	trimmed := bytes.TrimSpace(body)
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if media != "application/json" || (len(trimmed) > 0 && trimmed[0] == '<') {
		return &NotJSONError{}
	}
	return json.Unmarshal(trimmed, frame)
}

func classifyRefusal(e *Error) {
	text := e.Message + " " + e.Detail
	switch {
	case strings.Contains(text, "Invalid table"):
		e.Err = ErrInvalidTable
		e.Advice = "The plugin or store app that brings this table is not active on the instance"
	case strings.Contains(text, "does not represent any resource"):
		e.Err = ErrNoRoute
		e.Advice = "The app that serves this path is not installed or not active on the instance"
	case e.Status == http.StatusNotFound:
		e.Err = ErrNotFound
	case e.Status == http.StatusConflict:
		e.Err = ErrConflict
	case e.Status == http.StatusForbidden:
		classifyForbidden(e)
	}
}

// businessRule matches the text of an aborted write: ... aborted by Business Rule 'NAME^sys_id'. Business Rule Stack:...
var businessRule = regexp.MustCompile(`aborted by Business Rule '([^'^]*)(?:\^[^']*)?'\.?\s*`)

func classifyForbidden(e *Error) {
	if at := businessRule.FindStringSubmatchIndex(e.Detail); at != nil {
		rest, _, _ := strings.Cut(e.Detail[at[1]:], "Business Rule Stack:")
		e.Err = &BusinessRuleError{Rule: e.Detail[at[2]:at[3]], Message: strings.TrimSpace(rest)}
		return
	}
	text := e.Message + " " + e.Detail
	if strings.Contains(text, "Error during insert of") || strings.Contains(text, "Error during update of") ||
		strings.Contains(text, "Unique Key violation") {
		e.Err = ErrConflict
		return
	}
	e.Err = ErrDenied
	if e.Table == "" {
		e.Advice = "The user lacks the role for this route"
		return
	}
	e.Advice = "Give the user a role that may do this on table " + e.Table + ", and check that the table is open to web services"
}

func unauthorizedAdvice(h http.Header) string {
	if h.Get("X-MFA_TOKEN") != "" {
		return "The instance demands multi-factor authentication for this user; use an integration user without it"
	}
	return "Check user name and password; the user must be a local user of the instance, active and not locked out"
}

func (p retryPolicy) classifyRateLimit(e *Error, resp *http.Response) {
	limit := &RateLimitError{
		Rule:  resp.Header.Get("X-RateLimit-Rule"),
		Limit: resp.Header.Get("X-RateLimit-Limit"),
	}
	limit.RetryAfter, _ = retryAfter(resp)
	if seconds, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		limit.Reset = time.Unix(seconds, 0)
	} else if limit.RetryAfter > 0 {
		limit.Reset = p.now().Add(limit.RetryAfter)
	}
	e.Err = limit
	e.Advice = "Wait for the reset, or ask the administrator to raise the rule in sys_rate_limit_rules"
	if limit.Rule == "" {
		e.Advice = "Lower max_concurrent_requests or try again when the instance is less busy"
	}
}

func htmlKind(status int, body []byte) NotJSONKind {
	page := strings.ToLower(string(body[:min(len(body), 64<<10)]))
	switch {
	case strings.Contains(page, "instance-hibernating-page"), strings.Contains(page, "instance is hibernating"):
		return KindHibernating
	case status >= 502 && status <= 504, strings.Contains(page, "instance is offline"), strings.Contains(page, "temporarily unavailable"):
		return KindOffline
	case strings.Contains(page, "login"), strings.Contains(page, "samlrequest"):
		return KindLogin
	default:
		return KindUnknown
	}
}

func classifyNotJSON(e *Error, kind NotJSONKind) {
	e.Err = &NotJSONError{Kind: kind}
	e.Advice = map[NotJSONKind]string{
		KindHibernating: "Wake it on developer.servicenow.com and try again in a few minutes",
		KindOffline:     "It is restarting or being upgraded; try again later",
		KindLogin:       "The instance does not accept this kind of login for REST; check the URL and the authentication settings",
		KindUnknown:     "Check that the URL is that of a ServiceNow instance and that no proxy answers in its place",
	}[kind]
}

// transportError is a request that got no answer.
func (c *call) transportError(err error) *Error {
	cause := withoutURL(err)
	e := &Error{Method: c.request.method, Table: c.request.table, Path: c.request.path, InProcess: c.request.inProcess}
	if errors.Is(cause, errBodyCut) {
		e.Err = &wrapped{ErrTruncated, cause}
		e.Advice = "The connection broke while the instance was answering; try again"
		return e
	}
	e.Err = &wrapped{ErrUnreachable, cause}
	if errors.Is(cause, context.Canceled) {
		return e
	}
	e.Advice = "Check the instance URL, the network and the proxy settings"
	return e
}

// wrapped is a cause under a sentinel.
type wrapped struct{ sentinel, cause error }

func (w *wrapped) Error() string   { return w.sentinel.Error() + ": " + w.cause.Error() }
func (w *wrapped) Unwrap() []error { return []error{w.sentinel, w.cause} }
