// Command quickstart walks the whole path of the product against an invented company: connections, validated and published
// profiles of Trello Enterprise, Asana and Confluence Cloud, their subscriptions, a plan that names who loses a licence, and
// the reclaim of those and no others. It needs Go, and Terraform or OpenTofu, which it installs where there is none.
//
// Run it from the root of the checkout: make quickstart.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, ".", os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "\nquickstart:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}
