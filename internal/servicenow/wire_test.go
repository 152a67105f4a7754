package servicenow_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// wireServer answers over real TCP what a test tells it to, and remembers the requests.
type wireServer struct {
	*httptest.Server

	mu       sync.Mutex
	requests []string
}

func serve(t *testing.T, handler http.HandlerFunc) *wireServer {
	t.Helper()
	s := &wireServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *wireServer) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.requests...)
}

func (s *wireServer) client(t *testing.T, change ...func(*servicenow.Config)) *servicenow.Client {
	t.Helper()
	cfg := servicenow.Config{BaseURL: s.URL, RetryWait: time.Millisecond, Auth: servicenow.Basic("integration", "secret")}
	for _, c := range change {
		c(&cfg)
	}
	client, err := servicenow.New(cfg)
	require.NoError(t, err)
	return client
}

// inMemory calls a handler directly, for tests whose clock is that of a synctest bubble, where sockets cannot be.
type inMemory http.HandlerFunc

func (h inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	h(recorder, r)
	return recorder.Result(), nil
}

func inMemoryClient(t *testing.T, handler http.HandlerFunc) *servicenow.Client {
	t.Helper()
	client, err := servicenow.New(servicenow.Config{BaseURL: "https://instance.example.com", Transport: inMemory(handler)})
	require.NoError(t, err)
	return client
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func answerError(w http.ResponseWriter, status int, message, detail string) {
	answerJSON(w, status, map[string]any{"status": "failure", "error": map[string]any{"message": message, "detail": detail}})
}

func answerResult(w http.ResponseWriter, status int, result any) {
	answerJSON(w, status, map[string]any{"result": result})
}

func answerHTML(w http.ResponseWriter, status int, page string) {
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page))
}

const (
	table  = "samp_sw_subscription_profile"
	rowID  = "0123456789abcdef0123456789abcdef"
	rowID2 = "1123456789abcdef0123456789abcdef"
)
