package connector

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// CheckBaseURL tells whether a connection URL may be given a vendor's credentials: an https URL whose host is one of
// hosts ("*.example.com" stands for every subdomain), or http or https to this machine. No hosts means any https host.
func CheckBaseURL(raw string, hosts []string) error {
	_, err := ParseBaseURL(raw, hosts)
	return err
}

// ParseBaseURL is CheckBaseURL that also returns the URL.
func ParseBaseURL(raw string, hosts []string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return nil, fmt.Errorf("the connection URL is empty; write %s", exampleURL(hosts))
	}
	if !strings.Contains(raw, "://") {
		return nil, fmt.Errorf("the connection URL %q has no scheme; write it with https:// in front, such as %s",
			hideUserInfo(raw), exampleURL(hosts))
	}
	u, err := url.Parse(raw)
	if err != nil {
		// url.Error repeats its input, which may hold a password.
		return nil, fmt.Errorf("the connection URL is not a URL; write it like %s", exampleURL(hosts))
	}
	switch {
	case u.User != nil:
		return nil, fmt.Errorf("the connection URL for host %q carries a user name or password; credentials belong in the credential",
			u.Hostname())
	case u.Hostname() == "":
		return nil, fmt.Errorf("the connection URL %q names no host; write it like %s", raw, exampleURL(hosts))
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, fmt.Errorf("the connection URL for host %q has a query or fragment; leave that out", u.Hostname())
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("the connection URL %q has the scheme %q; only https is supported", raw, u.Scheme)
	case Loopback(u.Hostname()):
		return u, nil
	case u.Scheme == "http":
		return nil, fmt.Errorf("the connection URL %q would send credentials unencrypted; use https (http is accepted for this machine only)", raw)
	case !hostAllowed(u.Hostname(), hosts):
		return nil, fmt.Errorf("the connection URL %q names the host %q, which is not the vendor's; credentials are sent only to %s",
			raw, u.Hostname(), strings.Join(hosts, ", "))
	}
	return u, nil
}

// Loopback tells whether a host name or address is this machine.
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func hostAllowed(host string, hosts []string) bool {
	if len(hosts) == 0 {
		return true
	}
	host = strings.ToLower(host)
	for _, h := range hosts {
		h = strings.ToLower(h)
		if host == h {
			return true
		}
		if suffix, ok := strings.CutPrefix(h, "*"); ok && strings.HasSuffix(host, suffix) && len(host) > len(suffix) {
			return true
		}
	}
	return false
}

func exampleURL(hosts []string) string {
	if len(hosts) == 0 {
		return "https://host.example.com/"
	}
	return "https://" + strings.Replace(hosts[0], "*", "your-site", 1) + "/"
}

func hideUserInfo(raw string) string {
	if at := strings.LastIndex(raw, "@"); at >= 0 {
		return redacted + raw[at:]
	}
	return raw
}
