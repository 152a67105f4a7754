package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
)

func TestScheduleRunsARoundAtOnceAndAtEveryTick(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	rounds := make(chan string)
	s := &schedule{
		runDue: func(_ context.Context, say func(string)) error {
			say(instance.NothingDue)
			say("job")
			rounds <- "due"
			return nil
		},
		autoReclaim: func(context.Context, func(string)) error {
			rounds <- "auto"
			return nil
		},
		say: func(line string) { require.Equal(t, "job", line) },
	}
	tick, done := make(chan time.Time), make(chan struct{})
	go func() {
		defer close(done)
		s.run(ctx, tick)
	}()
	for range 3 {
		require.Equal(t, "due", <-rounds)
		require.Equal(t, "auto", <-rounds)
		tick <- time.Time{}
	}
	cancel()
	for {
		select {
		case <-rounds:
		case <-done:
			return
		}
	}
}

func TestScheduleSaysALastingFailureOnce(t *testing.T) {
	t.Parallel()
	var said []string
	var fails error
	s := &schedule{runDue: func(context.Context, func(string)) error { return fails }, say: func(line string) { said = append(said, line) }}
	for _, fails = range []error{errors.New("no network"), errors.New("no network"), nil, errors.New("no network"), errors.New("locked")} {
		s.round(t.Context())
	}
	require.Equal(t, []string{"failed: no network", "failed: no network", "failed: locked"}, said)

	said = nil
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	fails = context.Canceled
	s.round(ended)
	require.Empty(t, said, "being stopped is no failure")
}

func TestServe_autoReclaimNeedsADeliveryChannel(t *testing.T) {
	database := "sqlite:" + filepath.Join(t.TempDir(), "sam.db")
	o := serveOptions{database: database, listen: "127.0.0.1:0", username: "admin", password: "secret", autoReclaim: true}
	t.Setenv("SERVICENOWSAM_NOTIFICATION_DELIVERY", "")
	require.ErrorContains(t, serve(t.Context(), o, io.Discard, io.Discard), "SERVICENOWSAM_NOTIFICATION_DELIVERY=external")
	o.autoReclaim, o.policy.DailyMaximum = false, 1
	require.ErrorContains(t, serve(t.Context(), o, io.Discard, io.Discard), "are for --auto-reclaim")
	t.Setenv("SERVICENOWSAM_NOTIFICATION_DELIVERY", "external")
	o.autoReclaim, o.policy.DailyMaximum = true, -1
	require.ErrorContains(t, serve(t.Context(), o, io.Discard, io.Discard), "--max-removals-per-day")
}

func TestAnswer_refuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sam.db")
	var out bytes.Buffer
	o := answerOptions{target: target{database: "sqlite:" + file}}
	require.ErrorContains(t, giveAnswer(t.Context(), o, &out, io.Discard), "--candidate and --answer")
	o.candidate, o.request.Answer = "RCC0000001", "keep"
	require.ErrorContains(t, giveAnswer(t.Context(), o, &out, io.Discard), "does not exist")
	require.NoFileExists(t, file, "an answer makes no database")
	require.Empty(t, out.String())
}

func TestAccAnswer_namesWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{Members: 1})
	w.Root(t, w.ProviderBlock(), w.Alias()).MustApply(t)
	o := answerOptions{target: target{database: w.DatabaseURL()}, candidate: "RCC0000099"}
	o.request.Answer = "keep"
	require.ErrorContains(t, giveAnswer(t.Context(), o, io.Discard, io.Discard), "removal candidate RCC0000099: the embedded instance said")
	require.ErrorContains(t, giveAnswer(t.Context(), o, io.Discard, io.Discard), "There is no such candidate")
}
