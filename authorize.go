package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

type authorizeOptions struct {
	database string
	alias    string
	listen   int // 0 means the port of the redirect URL
	paste    bool
	// open shows the consent page to the person; nil only prints its address.
	open func(ctx context.Context, address string) error
}

func authorizeCommand() *cobra.Command {
	var o authorizeOptions
	var noBrowser bool
	cmd := &cobra.Command{
		Use:   "authorize --alias ID",
		Short: "Consent to the OAuth app of a connection alias",
		Long: "Completes the consent that an OAuth connection of an embedded instance waits for: opens the vendor's page, receives its " +
			"answer on this machine, and stores the grant sealed in the database. It asks for the fewest scopes that the profile needs " +
			"with its toggles. On a ServiceNow instance, Get OAuth Token on the alias does this.\n\n" +
			"Where the vendor sends its answer to https only, or with --paste, copy the address that the browser shows after the " +
			"consent, and paste it here.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			if !noBrowser {
				o.open = openBrowser
			}
			return authorize(ctx, o, os.Stdin, os.Stdout, os.Stderr)
		},
	}
	databaseFlag(cmd, &o.database)
	cmd.Flags().StringVar(&o.alias, "alias", "", "sys_id or full id of the connection alias, such as sn_asana_spoke.Asana")
	cmd.Flags().IntVar(&o.listen, "listen", 0, fmt.Sprintf("port of this machine for the vendor's answer (default %d, or that of the "+
		"alias's redirect URL); it must be registered with the OAuth app", sam.ConsentPort))
	cmd.Flags().BoolVar(&o.paste, "paste", false, "do not listen; paste the address that the browser shows after the consent")
	cmd.Flags().BoolVar(&noBrowser, "no-browser", false, "print the address of the consent page, and open no browser")
	return cmd
}

func authorize(ctx context.Context, o authorizeOptions, in io.Reader, out, log io.Writer) (err error) {
	if o.alias == "" {
		return errors.New("no alias is named; use --alias with its sys_id or full id, such as sn_asana_spoke.Asana")
	}
	if o.listen < 0 || o.listen > 65535 {
		return fmt.Errorf("--listen %d is no port; give one from 1 to 65535", o.listen)
	}
	i, err := openInstance(o.database, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeInstance(i)) }()
	redirect := ""
	if o.listen != 0 {
		redirect = fmt.Sprintf("http://localhost:%d%s", o.listen, sam.ConsentPath)
	}
	consent, err := i.BeginConsent(ctx, o.alias, redirect)
	if err != nil {
		return fmt.Errorf("begin the consent for alias %s: %w", o.alias, err)
	}
	if o.listen != 0 && consent.HTTPSOnly {
		return fmt.Errorf("%s sends its answer to https addresses only, so nothing can listen for it here. Leave --listen out, and paste the "+
			"address that the browser shows", consent.Vendor)
	}
	receive := listen
	if target, err := url.Parse(consent.RedirectURL); err != nil || o.paste || consent.HTTPSOnly || target.Scheme != "http" ||
		!connector.Loopback(target.Hostname()) {
		receive = func(ctx context.Context, c instance.ConsentRequest, show func(), done func(url.Values) error) error {
			return paste(ctx, c, in, out, show, done)
		}
	}
	show := func() {
		_, _ = fmt.Fprintf(out, "Consent at %s for the alias %s, as a person with the rights that the profile needs:\n\n  %s\n\nScopes: %s\n\n",
			consent.Vendor, consent.AliasID, consent.URL, strings.Join(consent.Scopes, " "))
		if o.open != nil {
			_ = o.open(ctx, consent.URL) // the address is printed, so a person can open it anyway
		}
	}
	err = receive(ctx, consent, show, func(answer url.Values) error {
		if err := refusal(answer, consent.Vendor); err != nil {
			return err
		}
		return i.CompleteConsent(ctx, consent, answer.Get("code"), answer.Get("state"))
	})
	if err != nil {
		return fmt.Errorf("consent for alias %s: %w", consent.AliasID, err)
	}
	_, err = fmt.Fprintf(out, "Done: the grant is stored. The next terraform apply validates and publishes the profile.\n")
	return err
}

// refusal is what the vendor's answer says instead of a code.
func refusal(answer url.Values, vendor string) error {
	code := answer.Get("error")
	switch {
	case code == "access_denied":
		return fmt.Errorf("the consent was refused at %s (%s). Nothing was stored. Run the command again, and agree", vendor, describe(answer))
	case code != "":
		return fmt.Errorf("%s answered %q (%s). Nothing was stored. Check client id, scopes and redirect URL of the OAuth app, then run "+
			"the command again", vendor, code, describe(answer))
	}
	return nil
}

func describe(answer url.Values) string {
	if text := answer.Get("error_description"); text != "" {
		return text
	}
	return answer.Get("error")
}

// listen waits on this machine for the vendor's answer, and tells the browser how it ended.
func listen(ctx context.Context, c instance.ConsentRequest, show func(), done func(url.Values) error) error {
	target, err := url.Parse(c.RedirectURL)
	if err != nil {
		return fmt.Errorf("read the redirect URL: %w", err)
	}
	port := target.Port()
	if port == "" {
		port = strconv.Itoa(80)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return fmt.Errorf("wait for the answer on port %s of this machine: %w. Free the port, choose another with --listen (and register it "+
			"with the OAuth app), or use --paste", port, err)
	}
	ended := make(chan error, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+target.EscapedPath(), func(w http.ResponseWriter, r *http.Request) {
		err := done(r.URL.Query())
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, "<p>The consent was not stored: %s</p>", html.EscapeString(err.Error()))
		} else {
			_, _ = fmt.Fprint(w, "<p>The consent is stored. You can close this page.</p>")
		}
		select {
		case ended <- err:
		default:
		}
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: readHeaderTimeout}
	go func() { _ = server.Serve(listener) }()
	if v6, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("::1", port)); err == nil {
		go func() { _ = server.Serve(v6) }() // a browser may take localhost for either
	}
	show()
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = errors.New("interrupted before the vendor answered; nothing was stored")
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	return errors.Join(err, server.Shutdown(stopping))
}

// paste takes the vendor's answer from the person.
func paste(
	ctx context.Context, c instance.ConsentRequest, in io.Reader, out io.Writer, show func(), done func(url.Values) error,
) error {
	show()
	_, _ = fmt.Fprintf(out, "After the consent, the browser goes to an address that begins with %s; that it cannot show the page does not "+
		"matter. Paste the whole address here:\n", c.RedirectURL)
	type read struct {
		line string
		err  error
	}
	lines := make(chan read, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(in, 1<<16)).ReadString('\n')
		lines <- read{strings.TrimSpace(line), err}
	}()
	select {
	case <-ctx.Done():
		return errors.New("interrupted before the address was pasted; nothing was stored")
	case r := <-lines:
		if r.line == "" {
			return errors.New("nothing was pasted. Run the command again, and paste the address that the browser shows after the consent")
		}
		address, err := url.Parse(r.line)
		if err != nil || address.RawQuery == "" {
			return errors.New("what was pasted is no address with a code and a state in it. Copy the whole address from the browser, not " +
				"only the code: without its state nobody can tell that the answer belongs to this consent")
		}
		return done(address.Query())
	}
}

// openBrowser opens a page in the person's browser.
func openBrowser(ctx context.Context, address string) error {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	}
	return exec.CommandContext(ctx, name, args...).Start() //nolint:gosec // the address is made by us
}
