// Command standalone runs a vendor's double by itself, so that any client in any language can be pointed at it.
//
//	go run ./internal/vendordouble/standalone -vendor trello -listen 127.0.0.1:0 -members 1000 -seed 1
//
// It prints one line of JSON when it is ready, and ends on SIGINT or SIGTERM, or, with -until-stdin-closes, when its
// standard input does.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "standalone:", err)
		os.Exit(1)
	}
}

// ready is the line that tells a client where the double is and how to sign in.
type ready struct {
	Vendor      string            `json:"vendor"`
	URL         string            `json:"url"`
	Credentials map[string]string `json:"credentials"`
	// The ids that a client of the vendor needs.
	Enterprise map[string]string `json:"enterprise,omitempty"`
	Cloud      map[string]string `json:"cloud,omitempty"`  // site and organisation
	Groups     map[string]string `json:"groups,omitempty"` // ids by name
	Workspace  map[string]string `json:"workspace,omitempty"`

	AdminURL string `json:"admin_url"`
	Members  int    `json:"members"`
	Note     string `json:"note"`
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet("standalone", flag.ContinueOnError)
	set.SetOutput(stderr)
	vendor := set.String("vendor", "trello", "vendor to double: "+strings.Join(vendors(), ", "))
	listen := set.String("listen", "127.0.0.1:0", "loopback address and port; port 0 takes a free one")
	members := set.Int("members", 1000, "people who hold a licence")
	seed := set.Int64("seed", 1, "equal seeds make equal enterprises")
	unlimited := set.Bool("no-rate-limits", false, "switch the vendor's rate limits off")
	untilStdin := set.Bool("until-stdin-closes", false, "end when standard input is closed")
	if err := set.Parse(args); err != nil {
		return err
	}
	start, ok := doubles[*vendor]
	if !ok {
		return fmt.Errorf("there is no double of vendor %q; choose one of %s", *vendor, strings.Join(vendors(), ", "))
	}
	if *members < 0 || *members > 10_000_000 {
		return fmt.Errorf("-members is %d; choose a number from 0 to 10000000", *members)
	}
	listener, err := loopback(ctx, *listen)
	if err != nil {
		return err
	}
	server, line := start(listener, *members, *seed, *unlimited)
	line.Vendor, line.Members, line.Note = *vendor, *members, "everybody in it is invented"
	if err := json.NewEncoder(stdout).Encode(line); err != nil {
		server.Close()
		return fmt.Errorf("print where the double listens: %w", err)
	}
	if *untilStdin {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			cancel()
		}()
	}
	<-ctx.Done()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return server.Shutdown(last)
}

// double is a running double.
type double interface {
	Close()
	Shutdown(ctx context.Context) error
}

// doubles start the double of each vendor on a listener and tell where it is and how to sign in.
var doubles = map[string]func(l net.Listener, members int, seed int64, unlimited bool) (double, ready){
	"asana":      startAsana,
	"confluence": startConfluence,
	"trello":     startTrello,
}

func vendors() []string { return slices.Sorted(maps.Keys(doubles)) }

func startTrello(l net.Listener, members int, seed int64, unlimited bool) (double, ready) {
	s := trello.New(trello.Options{Members: members, Seed: seed, NoBudgets: unlimited}).Serve(l)
	return s, ready{
		URL: s.URL, AdminURL: s.URL + "/_double",
		Credentials: map[string]string{"key": s.Key(), "token": s.Token()},
		Enterprise:  map[string]string{"id": s.EnterpriseID()},
	}
}

func startAsana(l net.Listener, members int, seed int64, unlimited bool) (double, ready) {
	s := asana.New(asana.Options{Members: members, Seed: seed, NoBudgets: unlimited}).Serve(l)
	return s, ready{
		URL: s.URL, AdminURL: s.URL + "/_double",
		Credentials: map[string]string{
			"token": s.ServiceToken(), "personal_access_token": s.Token(),
			"client_id": s.ClientID(), "client_secret": s.ClientSecret(),
			"authorization_url": s.URL + "/-/oauth_authorize", "token_url": s.URL + "/-/oauth_token",
		},
		Workspace: map[string]string{"id": s.WorkspaceID()},
	}
}

func startConfluence(l net.Listener, members int, seed int64, unlimited bool) (double, ready) {
	s := confluence.New(confluence.Options{Members: members, Seed: seed, NoBudgets: unlimited}).Serve(l)
	mail, apiToken := s.Basic()
	clientID, clientSecret := s.Client()
	groups := map[string]string{}
	for _, g := range s.Groups() {
		groups[g.Name] = g.ID
	}
	return s, ready{
		URL: s.GatewayURL(), AdminURL: s.URL + "/_double",
		Credentials: map[string]string{
			"token": s.Token(), "user_name": mail, "api_token": apiToken, "admin_api_key": s.AdminKey(),
			"client_id": clientID, "client_secret": clientSecret,
			"authorization_url": s.URL + "/authorize", "token_url": s.URL + "/oauth/token",
		},
		Cloud:  map[string]string{"id": s.CloudID(), "site_url": s.URL, "organization_id": s.OrganizationID()},
		Groups: groups,
	}
}

// loopback listens on this machine only: the double has routes without authentication.
func loopback(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("-listen %q is no address with a port, such as 127.0.0.1:0", address)
	}
	if !connector.Loopback(host) {
		return nil, fmt.Errorf("-listen %q is not on this machine; the double listens on loopback only", address)
	}
	listener, err := new(net.ListenConfig).Listen(context.WithoutCancel(ctx), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}
