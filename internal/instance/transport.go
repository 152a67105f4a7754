package instance

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Transport answers requests to any host with the instance's handler, in memory.
func (i *Instance) Transport() http.RoundTripper { return transport{i.handler} }

type transport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper. The handler runs under the request's context.
func (t transport) RoundTrip(request *http.Request) (response *http.Response, err error) {
	ctx := request.Context()
	if request.Body != nil {
		defer func() { _ = request.Body.Close() }()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	served := request.Clone(ctx)
	if served.Body == nil {
		served.Body = http.NoBody
	}
	served.RequestURI = request.URL.RequestURI()
	if served.Host == "" {
		served.Host = request.URL.Host
	}
	answer := &answer{header: http.Header{}}
	defer func() {
		if r := recover(); r != nil {
			response, err = nil, fmt.Errorf("the embedded instance broke off the answer to %s %s: %v", request.Method, request.URL.Path, r)
		}
	}()
	t.handler.ServeHTTP(answer, served)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return answer.response(request), nil
}

// answer collects what a handler writes.
type answer struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status, a.sent = status, a.header.Clone()
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// Flush implements http.Flusher; there is nobody to flush to.
func (a *answer) Flush() { a.WriteHeader(http.StatusOK) }

func (a *answer) response(request *http.Request) *http.Response {
	a.WriteHeader(http.StatusOK)
	r := &http.Response{
		Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.sent, Request: request, ContentLength: int64(a.body.Len()), Body: io.NopCloser(&a.body),
	}
	if request.Method == http.MethodHead {
		r.Body, r.ContentLength = http.NoBody, -1
	}
	return r
}
