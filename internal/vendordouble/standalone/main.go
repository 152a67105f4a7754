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
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
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
	Enterprise  map[string]string `json:"enterprise"`
	AdminURL    string            `json:"admin_url"`
	Members     int               `json:"members"`
	Note        string            `json:"note"`
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet("standalone", flag.ContinueOnError)
	set.SetOutput(stderr)
	vendor := set.String("vendor", "trello", "vendor to double: trello")
	listen := set.String("listen", "127.0.0.1:0", "loopback address and port; port 0 takes a free one")
	members := set.Int("members", 1000, "people who hold a licence")
	seed := set.Int64("seed", 1, "equal seeds make equal enterprises")
	unlimited := set.Bool("no-rate-limits", false, "switch the vendor's rate limits off")
	untilStdin := set.Bool("until-stdin-closes", false, "end when standard input is closed")
	if err := set.Parse(args); err != nil {
		return err
	}
	if *vendor != "trello" {
		return fmt.Errorf("there is no double of vendor %q; choose trello", *vendor)
	}
	if *members < 0 || *members > 10_000_000 {
		return fmt.Errorf("-members is %d; choose a number from 0 to 10000000", *members)
	}
	listener, err := loopback(ctx, *listen)
	if err != nil {
		return err
	}
	server := trello.New(trello.Options{Members: *members, Seed: *seed, NoBudgets: *unlimited}).Serve(listener)
	line := ready{
		Vendor:      *vendor,
		URL:         server.URL,
		Credentials: map[string]string{"key": server.Key(), "token": server.Token()},
		Enterprise:  map[string]string{"id": server.EnterpriseID()},
		AdminURL:    server.URL + "/_double",
		Members:     *members,
		Note:        "everybody in it is invented",
	}
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
