package asana_test

import "net/http"

// counting calls a function before each request.
func counting(before func()) http.RoundTripper { return roundTrip(before) }

type roundTrip func()

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	f()
	return http.DefaultTransport.RoundTrip(r)
}
