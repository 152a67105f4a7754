package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// The invented company: the same people in every run.
const (
	company = "Juniper & Finch"
	seats   = 48
	seed    = 7
)

// story is one walk through the product.
type story struct {
	out      io.Writer
	vendor   *trello.Server
	binary   string // the provider
	database string
	profiles cli // root module with connection, profile and refresh
	reclaim  cli // root module that takes licences back
}

// run tells the story and leaves nothing behind: no process, no file.
func run(ctx context.Context, checkout string, out io.Writer) (err error) {
	fmt.Fprintf(out, "%s and its people are invented, and nothing leaves this machine.\n", company)

	work, err := os.MkdirTemp("", "servicenowsam-quickstart-")
	if err != nil {
		return fmt.Errorf("make a working folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	s, err := prepare(ctx, checkout, work, out)
	if err != nil {
		return err
	}
	defer s.vendor.Close()

	for _, chapter := range []func(context.Context) error{
		s.connectAndRefresh, s.drift, s.reviewAndReclaim, s.nothingLeftToDo, s.takeDown,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

func prepare(ctx context.Context, checkout, work string, out io.Writer) (*story, error) {
	s := &story{out: out, database: "sqlite:" + filepath.Join(work, "sam.db")}
	terraform, err := findTerraform(ctx, checkout, s.say)
	if err != nil {
		return nil, err
	}
	s.say("Building the provider and starting a double of Trello for %d seats.", seats)
	var config string
	if s.binary, config, err = buildProvider(ctx, checkout, work); err != nil {
		return nil, err
	}
	if s.vendor, err = trello.Start(trello.Options{Members: seats, Seed: seed}); err != nil {
		return nil, err
	}
	env := []string{
		"TF_CLI_CONFIG_FILE=" + config, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		"TF_VAR_database_url=" + s.database,
		"TF_VAR_connection_url=" + s.vendor.URL,
		"TF_VAR_trello_api_key=" + s.vendor.Key(),
		"TF_VAR_trello_api_token=" + s.vendor.Token(),
	}
	for name, module := range map[string]*cli{"profiles": &s.profiles, "reclaim": &s.reclaim} {
		dir, err := copyModule(checkout, work, name)
		if err != nil {
			s.vendor.Close()
			return nil, err
		}
		*module = cli{terraform: terraform, dir: dir, env: env, out: out}
		if _, err := module.quiet(ctx, "init"); err != nil {
			s.vendor.Close()
			return nil, err
		}
	}
	return s, nil
}

func (s *story) say(format string, args ...any) { fmt.Fprintf(s.out, "\n"+format+"\n", args...) }

func (s *story) chapter(title string) { fmt.Fprintf(s.out, "\n=== %s ===\n", title) }

func (s *story) connectAndRefresh(ctx context.Context) error {
	s.chapter("1. A connection, a published profile, and a first refresh")
	if _, err := s.profiles.run(ctx, "apply", "-auto-approve"); err != nil {
		return err
	}
	return s.showSeats(ctx)
}

func (s *story) showSeats(ctx context.Context) error {
	var seats struct {
		Total   int            `json:"total"`
		Buckets map[string]int `json:"buckets"`
	}
	if err := s.profiles.output(ctx, "seats", &seats); err != nil {
		return err
	}
	s.say("Trello seats of %s, by the days since their holder was last seen:\n", company)
	table := tabwriter.NewWriter(s.out, 0, 0, 3, ' ', 0)
	idle := 0
	for _, bucket := range []string{"0-30", "31-60", "61-90", "91-120", "over_120", "never"} {
		fmt.Fprintf(table, "  %s\t%d\n", strings.ReplaceAll(bucket, "_", " "), seats.Buckets[bucket])
		if bucket != "0-30" && bucket != "31-60" {
			idle += seats.Buckets[bucket]
		}
	}
	fmt.Fprintf(table, "  in all\t%d, of which %d were not seen for 60 days (new accounts included)\n", seats.Total, idle)
	return table.Flush()
}

func (s *story) drift(ctx context.Context) error {
	s.chapter("2. Somebody clicks, and the plan names the field")
	var profile string
	if err := s.profiles.output(ctx, "profile_id", &profile); err != nil {
		return err
	}
	s.say("In the UI, somebody switches Reclaim subscriptions off. The next plan:")
	change := map[string]string{dictionary.ProfileReclaim: "false"}
	if err := click(ctx, s.binary, s.database, dictionary.TableProfile, profile, change); err != nil {
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
	var profile string
	if err := s.profiles.output(ctx, "profile_id", &profile); err != nil {
		return err
	}
	s.reclaim.env = append(s.reclaim.env, "TF_VAR_profile_id="+profile,
		`TF_VAR_protected_users=`+s.protected())
	if _, err := s.reclaim.run(ctx, "plan", "-out=reclaim.tfplan"); err != nil {
		return err
	}

	spared := s.idle()[0]
	s.say("The plan is reviewed and approved. Before it is applied, %s logs in to Trello.", spared.FullName)
	s.vendor.Login(spared.ID)
	held := s.licences()
	if _, err := s.reclaim.run(ctx, "apply", "reclaim.tfplan"); err != nil {
		return err
	}

	after, _ := s.vendor.Find(spared.ID)
	if !after.Licensed {
		return fmt.Errorf("%s came back before the apply and lost the licence all the same", spared.FullName)
	}
	s.say("Trello itself says: %d seats before, %d after. %s still has one.", held, s.licences(), spared.FullName)
	return nil
}

func (s *story) nothingLeftToDo(ctx context.Context) error {
	s.chapter("4. Nothing left to do")
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
	s.say("Done. Everything is taken down again. The configuration is in examples/quickstart; with a real key and token, and\n" +
		"without connection_url, it does the same to a real enterprise. Next: docs/guides/trello.md.")
	return nil
}

// idle lists who holds a licence and was not seen for longer than the reclamation rule's 60 days.
func (s *story) idle() []trello.Member {
	limit := time.Now().AddDate(0, 0, -61)
	return s.vendor.Members(seats, func(m trello.Member) bool {
		return m.Licensed && !m.Admin && m.Email != "" && m.LastSeen != nil && m.LastSeen.Before(limit)
	})
}

// protected is somebody on leave, as the value of a Terraform variable.
func (s *story) protected() string {
	idle := s.idle()
	users := []map[string]string{{"user": idle[len(idle)-1].Email, "reason": "on parental leave"}}
	value, err := json.Marshal(users)
	if err != nil {
		panic(err) // strings always encode
	}
	return string(value)
}

func (s *story) licences() int {
	return len(s.vendor.Members(seats, func(m trello.Member) bool { return m.Licensed }))
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
