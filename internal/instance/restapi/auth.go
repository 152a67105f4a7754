package restapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// WithLoopbackHost refuses requests to another name than this machine's: a page whose host name was made to point here
// would be of the same origin for a browser.
func WithLoopbackHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if !connector.Loopback(strings.Trim(host, "[]")) {
			w.Header().Set("Content-Type", "application/json;charset=UTF-8")
			writeFailure(w, http.StatusMisdirectedRequest, "Unknown host", "This instance answers to localhost and loopback addresses only; "+
				"a proxy in front has to send one of these as the Host header")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// WithBasicAuth lets only one user through to the handler. Rows are written in the name of that user.
func WithBasicAuth(next http.Handler, user, password string) http.Handler {
	wantUser, wantPassword := sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gotUser, gotPassword, given := r.BasicAuth()
		u, p := sha256.Sum256([]byte(gotUser)), sha256.Sum256([]byte(gotPassword))
		same := subtle.ConstantTimeCompare(u[:], wantUser[:]) & subtle.ConstantTimeCompare(p[:], wantPassword[:])
		if !given || same != 1 {
			w.Header().Set("Content-Type", "application/json;charset=UTF-8")
			w.Header().Set("WWW-Authenticate", `BASIC realm="Service-now"`)
			writeFailure(w, http.StatusUnauthorized, "User Not Authenticated", "Required to provide Auth information")
			return
		}
		next.ServeHTTP(w, r.WithContext(store.WithUser(r.Context(), user)))
	})
}
