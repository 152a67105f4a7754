package tfkit_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

func TestTell(t *testing.T) {
	t.Setenv("TF_LOG", "INFO")
	var log bytes.Buffer
	ctx, cancel := context.WithCancel(tflogtest.RootLogger(t.Context(), &log))
	defer cancel()
	m := tfkit.NewMeta(nil)
	m.Log = tfkit.Logger(ctx)

	var sent []string
	say := m.Tell(ctx, "refresh", "subscriptions", func(e action.InvokeProgressEvent) { sent = append(sent, e.Message) })
	say("one")
	say("two")
	require.Equal(t, []string{"one", "two"}, sent)
	m.Tell(ctx, "refresh", "subscriptions", nil)("nobody listens")

	stuck := make(chan struct{})
	defer close(stuck)
	reached := make(chan struct{})
	deaf := m.Tell(ctx, "refresh", "subscriptions", func(action.InvokeProgressEvent) {
		close(reached)
		<-stuck
	})
	go func() {
		<-reached
		cancel()
	}()
	deaf("to a Terraform that is gone")
	deaf("and is not told again")

	lines, err := tflogtest.MultilineJSONDecode(&log)
	require.NoError(t, err)
	require.Len(t, lines, 5, "the log has every line")
}
