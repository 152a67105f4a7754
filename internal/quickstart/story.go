package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/terraformcli"
)

// The invented company: the same people in every run.
const (
	company = "Juniper & Finch"
	seats   = 48 // at Trello
	seed    = 7
	others  = 30 // seats at Asana, and at Confluence
)

// story is one walk through the product.
type story struct {
	out      io.Writer
	vendors  vendors
	binary   string // the provider
	database string
	profiles cli // root module with connections, profiles and refreshes
	reclaim  cli // root module that takes licences back
}

// run tells the story and leaves nothing behind: no process, no file.
func run(ctx context.Context, checkout string, out io.Writer) (err error) {
	fmt.Fprintf(out, "%s and its people are invented, and nothing leaves this machine.\n", company)

	// Terraform runs in folders of its own, from where a relative path of its binary would lead elsewhere.
	if checkout, err = filepath.Abs(checkout); err != nil {
		return fmt.Errorf("find the checkout: %w", err)
	}
	work, err := os.MkdirTemp("", "servicenowsam-quickstart-")
	if err != nil {
		return fmt.Errorf("make a working folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	s, err := prepare(ctx, checkout, work, out)
	if err != nil {
		return err
	}
	defer s.vendors.close()

	for _, chapter := range []func(context.Context) error{
		s.connectAndRefresh, s.drift, s.reviewAndReclaim, s.countTheMoney, s.undoOne, s.nothingLeftToDo, s.takeDown,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

func prepare(ctx context.Context, checkout, work string, out io.Writer) (_ *story, err error) {
	s := &story{out: out, database: "sqlite:" + filepath.Join(work, "sam.db")}
	terraform, err := terraformcli.Find(ctx, checkout, func(line string) { s.say("%s", line) })
	if err != nil {
		return nil, err
	}
	s.say("Building the provider and starting doubles of Trello, Asana and Confluence.")
	var config string
	if s.binary, config, err = buildProvider(ctx, checkout, work); err != nil {
		return nil, err
	}
	if s.vendors, err = startVendors(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.vendors.close()
		}
	}()
	env := append([]string{
		"TF_CLI_CONFIG_FILE=" + config, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", "TF_VAR_database_url=" + s.database,
	}, s.vendors.variables()...)
	for name, module := range map[string]*cli{"profiles": &s.profiles, "reclaim": &s.reclaim} {
		dir, err := copyModule(checkout, work, name)
		if err != nil {
			return nil, err
		}
		*module = cli{terraform: terraform, dir: dir, env: env, out: out}
		if _, err := module.quiet(ctx, "init"); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *story) say(format string, args ...any) { fmt.Fprintf(s.out, "\n"+format+"\n", args...) }

func (s *story) chapter(title string) { fmt.Fprintf(s.out, "\n=== %s ===\n", title) }

func (s *story) connectAndRefresh(ctx context.Context) error {
	s.chapter("1. Connections, published profiles, a first refresh, and the licence position")
	if _, err := s.profiles.run(ctx, "apply", "-auto-approve"); err != nil {
		return err
	}
	if err := s.showSeats(ctx); err != nil {
		return err
	}
	return s.showPosition(ctx, "as it is")
}

func (s *story) showSeats(ctx context.Context) error {
	var seats map[string]struct {
		Total   int            `json:"total"`
		Buckets map[string]int `json:"buckets"`
	}
	if err := s.profiles.output(ctx, "seats", &seats); err != nil {
		return err
	}
	s.say("Seats of %s, by the days since their holder was last seen:\n", company)
	table := tabwriter.NewWriter(s.out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\t0-30\t31-60\t61-90\t91-120\tover 120\tnever\tin all\t")
	for _, vendor := range []string{"trello", "asana", "confluence"} {
		fmt.Fprintf(table, "  %s\t", vendor)
		for _, bucket := range []string{"0-30", "31-60", "61-90", "91-120", "over_120", "never"} {
			fmt.Fprintf(table, "%d\t", seats[vendor].Buckets[bucket])
		}
		fmt.Fprintf(table, "%d\t\n", seats[vendor].Total)
	}
	return table.Flush()
}

// profileIDs are the profiles by vendor, as the module says.
func (s *story) profileIDs(ctx context.Context) (map[string]string, error) {
	var ids map[string]string
	return ids, s.profiles.output(ctx, "profile_ids", &ids)
}

func (s *story) drift(ctx context.Context) error {
	s.chapter("2. Somebody clicks, and the plan names the field")
	profiles, err := s.profileIDs(ctx)
	if err != nil {
		return err
	}
	s.say("In the UI, somebody switches Reclaim subscriptions of the Trello profile off. The next plan:")
	change := map[string]string{dictionary.ProfileReclaim: "false"}
	if err := click(ctx, s.binary, s.database, dictionary.TableProfile, profiles["trello"], change); err != nil {
		return err
	}
	code, err := s.profiles.run(ctx, "plan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	if code != 2 {
		return fmt.Errorf("the drift plan ended with exit code %d instead of 2", code)
	}
	s.say("Exit code 2 tells a nightly job about it. Apply puts it right.")
	_, err = s.profiles.quiet(ctx, "apply", "-auto-approve")
	return err
}

func (s *story) reviewAndReclaim(ctx context.Context) error {
	s.chapter("3. A plan that names who loses a licence")
	profiles, err := s.profileIDs(ctx)
	if err != nil {
		return err
	}
	s.reclaim.env = append(s.reclaim.env, "TF_VAR_profile_ids="+variable(profiles), "TF_VAR_protected_users="+variable(s.protected()))
	if _, err := s.reclaim.run(ctx, "plan", "-out=reclaim.tfplan"); err != nil {
		return err
	}

	spared := s.vendors.idle()[0]
	s.say("%s reviews the plan and approves. Before it is applied, %s logs in to Trello.", approver, spared.FullName)
	s.reclaim.env = append(s.reclaim.env, "SERVICENOWSAM_APPROVED_BY="+approver)
	s.vendors.trello.Login(spared.ID)
	held := s.vendors.seats()
	if _, err := s.reclaim.run(ctx, "apply", "reclaim.tfplan"); err != nil {
		return err
	}

	after, _ := s.vendors.trello.Find(spared.ID)
	if !after.Licensed {
		return fmt.Errorf("%s came back before the apply and lost the licence all the same", spared.FullName)
	}
	left := s.vendors.seats()
	for i, vendor := range []string{"Trello", "Asana", "Confluence"} {
		fmt.Fprintf(s.out, "\n%s itself says: %d seats before, %d after.", vendor, held[i], left[i])
	}
	s.say("%s still has one at Trello.", spared.FullName)
	return nil
}

func (s *story) nothingLeftToDo(ctx context.Context) error {
	s.chapter("6. Nothing left to do")
	if _, err := s.profiles.quiet(ctx, "apply", "-auto-approve"); err != nil { // the outputs count seats
		return err
	}
	if err := s.showSeats(ctx); err != nil {
		return err
	}
	for _, module := range []cli{s.profiles, s.reclaim} {
		s.say("In %s:", filepath.Base(module.dir))
		code, err := module.run(ctx, "plan", "-detailed-exitcode")
		if err != nil {
			return err
		}
		if code != 0 {
			return fmt.Errorf("the last plan of %s is not empty", filepath.Base(module.dir))
		}
	}
	return nil
}

func (s *story) takeDown(ctx context.Context) error {
	for _, module := range []cli{s.reclaim, s.profiles} {
		if _, err := module.quiet(ctx, "destroy", "-auto-approve"); err != nil {
			return err
		}
	}
	s.say("Done. Everything is taken down again. The configuration is in examples/quickstart; with real credentials and\n" +
		"addresses it does the same to real tenants. Next: docs/guides/trello.md, asana.md and confluence.md.")
	return nil
}

// protected is somebody on leave, named by id: people whose mail address a vendor hides could not be told from a mail address.
func (s *story) protected() []map[string]string {
	idle := s.vendors.idle()
	return []map[string]string{{"user": idle[len(idle)-1].ID, "reason": "on parental leave"}}
}

// variable is the value of a Terraform variable.
func variable(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err) // texts always encode
	}
	return string(encoded)
}

// output reads one output of a root module.
func (c cli) output(ctx context.Context, name string, into any) error {
	value, err := c.quiet(ctx, "output", "-json", name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(value, into); err != nil {
		return fmt.Errorf("read the output %s: %w", name, err)
	}
	return nil
}
