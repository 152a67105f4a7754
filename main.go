// Command terraform-provider-servicenowsam is the Terraform provider for ServiceNow Software Asset Management – SaaS License
// Management. Terraform starts it without arguments; people use its commands.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/spf13/cobra"

	servicenowsam "github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
)

// version is set by the linker when a release is built.
var version = "dev"

// closeTimeout is how long a run may take to store its outcome once it was told to stop.
const closeTimeout = 5 * time.Second

func main() {
	root := rootCommand()
	if len(os.Args) > 1 && os.Args[1] == "-debug" { // as other providers spell it
		root.SetArgs(append([]string{"--debug"}, os.Args[2:]...))
	}
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func rootCommand() *cobra.Command {
	var debug bool
	root := &cobra.Command{
		Use:           "terraform-provider-servicenowsam",
		Short:         "Terraform provider for ServiceNow SAM SaaS License Management, and its embedded instance",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !debug && os.Getenv("TF_PLUGIN_MAGIC_COOKIE") == "" {
				return cmd.Help()
			}
			return servePlugin(cmd.Context(), debug)
		},
	}
	root.Flags().BoolVar(&debug, "debug", false, "serve the provider for a debugger to attach to")
	root.AddCommand(authorizeCommand(), answerCommand(), serveCommand(), runDueCommand(), reportCommand(), restoreCommand(), forgetCommand(), &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run:   func(cmd *cobra.Command, _ []string) { cmd.Println(version) },
	})
	root.SetOut(os.Stdout)
	root.SetContext(context.Background())
	return root
}

// servePlugin serves Terraform until it ends, and then closes the embedded instance.
func servePlugin(ctx context.Context, debug bool) error {
	p := servicenowsam.New(servicenowsam.Options{Version: version})
	if !debug {
		go exitWithParent(p)
	}
	err := providerserver.Serve(ctx, func() provider.Provider { return p },
		providerserver.ServeOpts{Address: servicenowsam.Address, Debug: debug})
	closeProvider(p)
	return err
}

func closeProvider(p *servicenowsam.Provider) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := p.Close(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "closing the embedded instance:", err)
	}
}

// exitWithParent ends this process when Terraform is gone without having said so, as after a kill -9: a run must not go on
// that nobody waits for.
func exitWithParent(p *servicenowsam.Provider) {
	parent := os.Getppid()
	for range time.Tick(time.Second) {
		if os.Getppid() != parent {
			closeProvider(p)
			os.Exit(1)
		}
	}
}

// untilSignal is a context that ends on Ctrl-C or SIGTERM.
func untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
}
