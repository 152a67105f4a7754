package servicenow

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// NormalizeURL turns what people paste as the address of their instance into scheme and host, without a trailing slash.
// A missing scheme means https; paths such as /nav_to.do are dropped; http is accepted for loopback addresses only.
func NormalizeURL(raw string) (*url.URL, error) {
	text := strings.TrimSpace(raw)
	if text == "" {
		return nil, errors.New("instance URL is empty; give it as https://NAME.service-now.com")
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		// The cause repeats the text, which may hold a password.
		return nil, errors.New("instance URL cannot be parsed; give it as https://NAME.service-now.com")
	}
	switch {
	case u.User != nil:
		return nil, fmt.Errorf("instance URL for host %q holds a user name or password; put credentials into the authentication settings instead", u.Hostname())
	case u.Hostname() == "":
		return nil, fmt.Errorf("instance URL %q names no host; give it as https://NAME.service-now.com", raw)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("instance URL %q has scheme %q; only https is possible", raw, u.Scheme)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("instance URL %q would send credentials in clear; use https (http is for loopback addresses only)", raw)
	case !strings.Contains(u.Hostname(), ".") && !loopback(u.Hostname()):
		return nil, fmt.Errorf("instance URL %q names only %q; give the whole host, such as https://%s.service-now.com", raw, u.Hostname(), u.Hostname())
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
