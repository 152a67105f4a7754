package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
)

// jobInterval is how often serve looks for jobs whose time has come.
const jobInterval = time.Minute

// schedule runs the jobs of an instance whose time has come, round by round.
type schedule struct {
	runDue func(context.Context, func(string)) error
	// autoReclaim takes the licences that await their revocation; nil means that nothing does.
	autoReclaim func(context.Context, func(string)) error
	say         func(string)
	failed      string // what the last round said that failed, so that a lasting failure is said once
}

// startJobs runs the jobs that the options ask for in the background. The function that it returns stops them and waits.
func startJobs(ctx context.Context, i *instance.Instance, o serveOptions, log io.Writer) (stop func()) {
	if !o.runJobs && !o.autoReclaim {
		return func() {}
	}
	s := &schedule{runDue: i.RunDue, say: func(line string) { _, _ = fmt.Fprintln(log, line) }}
	if o.autoReclaim {
		s.autoReclaim = i.AutoReclaimer(o.policy).Run
	}
	ctx, cancel := context.WithCancel(ctx)
	ticker := time.NewTicker(jobInterval)
	var running sync.WaitGroup
	running.Go(func() { s.run(ctx, ticker.C) })
	return func() {
		cancel()
		running.Wait()
		ticker.Stop()
	}
}

// run does a round now and at every tick, until ctx ends.
func (s *schedule) run(ctx context.Context, tick <-chan time.Time) {
	for {
		s.round(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

// round runs what is due. What fails is said, and tried again in the next round.
func (s *schedule) round(ctx context.Context) {
	err := s.runDue(ctx, func(line string) {
		if line != instance.NothingDue {
			s.say(line)
		}
	})
	if s.autoReclaim != nil && ctx.Err() == nil {
		err = errors.Join(err, s.autoReclaim(ctx, s.say))
	}
	if ctx.Err() != nil {
		return
	}
	failed := ""
	if err != nil {
		failed = err.Error()
	}
	if failed != "" && failed != s.failed {
		s.say("failed: " + failed)
	}
	s.failed = failed
}
