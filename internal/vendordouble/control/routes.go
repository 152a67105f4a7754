package control

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Steered is a double that the routes steer.
type Steered interface {
	Inject(injections ...Injection) error
	ClearFaults()
}

// Handle adds the routes that every double has: GET /_double/requests answers what requests returns, and GET, POST and
// DELETE /_double/faults list, add and clear faults. They need no credential: a double is for its own machine.
func (s *Faults) Handle(mux *http.ServeMux, double Steered, requests func() any) {
	mux.HandleFunc("GET /_double/requests", func(w http.ResponseWriter, _ *http.Request) { answer(w, requests()) })
	mux.HandleFunc("GET /_double/faults", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"active": s.Active(), "known": s.known, "routes": s.routes})
	})
	mux.HandleFunc("POST /_double/faults", func(w http.ResponseWriter, r *http.Request) {
		if err := inject(double, http.MaxBytesReader(w, r.Body, 1<<20)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer(w, map[string]any{"active": s.Active()})
	})
	mux.HandleFunc("DELETE /_double/faults", func(w http.ResponseWriter, _ *http.Request) {
		double.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
}

// inject adds one Injection or a list of them.
func inject(double Steered, from io.Reader) error {
	body, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	var list []Injection
	if json.Unmarshal(body, &list) != nil {
		list = make([]Injection, 1)
		if err := json.Unmarshal(body, &list[0]); err != nil {
			return fmt.Errorf("the body is no fault and no list of faults: %w", err)
		}
	}
	return double.Inject(list...)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}
