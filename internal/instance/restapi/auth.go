package restapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

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
