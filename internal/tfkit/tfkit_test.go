package tfkit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

type private map[string][]byte

func (p private) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) { return p[key], nil }

func (p private) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	p[key] = value
	return nil
}

type seen struct {
	Mode    string            `json:"mode"`
	Aliases map[string]string `json:"aliases,omitempty"`
}

func TestPin_isByteIdenticalWhenUnchanged(t *testing.T) {
	t.Parallel()
	pin, store := tfkit.Pin[seen]{Key: "world"}, private{}
	_, ok, diags := pin.Load(t.Context(), store)
	require.False(t, ok)
	require.Empty(t, diags)

	first := seen{Mode: "full", Aliases: map[string]string{}}
	for i := range 20 {
		first.Aliases[fmt.Sprint("alias", i)] = fmt.Sprint(i)
	}
	require.Empty(t, pin.Save(t.Context(), store, first))
	before := bytes.Clone(store["world"])
	loaded, ok, diags := pin.Load(t.Context(), store)
	require.True(t, ok)
	require.Empty(t, diags)
	require.Equal(t, first, loaded)
	require.Empty(t, pin.Save(t.Context(), store, loaded))
	require.Equal(t, before, store["world"])

	store["world"] = []byte("{")
	_, ok, diags = pin.Load(t.Context(), store)
	require.False(t, ok)
	require.True(t, diags.HasError())
}

func TestMeta_withoutAClientNamesWhatIsUnknown(t *testing.T) {
	t.Parallel()
	m := tfkit.NewMeta(nil)
	m.Unknown = []string{"embedded.database_url"}
	_, diags := m.Client()
	require.True(t, diags.HasError())
	require.Contains(t, diags[0].Detail(), "embedded.database_url")
}

func TestErrorDiagnostic_saysWhatAndWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want []string
		not  string
	}{
		"deadline":  {fmt.Errorf("poll: %w", context.DeadlineExceeded), []string{"timeouts attribute"}, ""},
		"canceled":  {context.Canceled, []string{"interrupted", "run the same command again"}, ""},
		"not found": {fmt.Errorf("read: %w", sam.ErrNotFound), []string{"no such record"}, ""},
		"business rule": {
			fmt.Errorf("delete: %w", &sam.BusinessRuleError{Rule: "Alias in use", Message: "the alias is used. Business Rule Stack:Alias in use"}),
			[]string{"the instance refused: the alias is used", `"Alias in use"`}, "Stack",
		},
		"other": {errors.New("something else"), []string{"something else."}, ""},
	} {
		d := tfkit.ErrorDiagnostic("read", `integration profile "Trello"`, c.err)
		require.Equal(t, diag.SeverityError, d.Severity(), name)
		require.Equal(t, `Could not read integration profile "Trello"`, d.Summary(), name)
		for _, want := range c.want {
			require.Contains(t, d.Detail(), want, name)
		}
		if c.not != "" {
			require.NotContains(t, d.Detail(), c.not, name)
		}
	}
}

func TestValidators(t *testing.T) {
	t.Parallel()
	check := func(value string, all ...validator.String) bool {
		response := &validator.StringResponse{}
		for _, v := range all {
			v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("x"), ConfigValue: types.StringValue(value)}, response)
		}
		return !response.Diagnostics.HasError()
	}
	for value, good := range map[string]bool{"90m": true, "24h": true, "1ns": true, "0s": false, "-1h": false, "1 day": false, "": false} {
		require.Equal(t, good, check(value, tfkit.Duration()), "%q", value)
	}
	for value, good := range map[string]bool{
		"Trello": true, "Trello – EMEA": true, "": false, " x": false, "x ": false, "a^b": false, "a\nb": false,
	} {
		require.Equal(t, good, check(value, tfkit.Name(20)...), "%q", value)
	}
	for value, good := range map[string]bool{
		"0123456789abcdef0123456789abcdef": true, "0123456789ABCDEF0123456789ABCDEF": false, "abc": false,
	} {
		require.Equal(t, good, check(value, tfkit.SysID()), "%q", value)
	}
}

func TestLogger_masksMailAddresses(t *testing.T) {
	t.Setenv("TF_LOG", "TRACE")
	var output, text bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &output)
	for _, logger := range []*slog.Logger{
		tfkit.Logger(ctx), slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: tfkit.MaskMailAttr})),
	} {
		logger.InfoContext(ctx, "looking for anna.berg+sam@example.com", "query", "email=Anna.Berg%40example.co.uk^active=true",
			"err", errors.New("no user Übel@münchen.example, again"), "path", "/api/now/table/sys_user")
	}
	for _, written := range []string{output.String(), text.String()} {
		for _, name := range []string{"anna.berg", "Anna.Berg", "bel@", "example"} {
			require.NotContains(t, written, name)
		}
		require.Contains(t, written, "[mail address]^active=true")
		require.Contains(t, written, "/api/now/table/sys_user")
	}
}

func TestLogger_bridgesToTerraform(t *testing.T) {
	t.Setenv("TF_LOG", "TRACE")
	var base, request bytes.Buffer
	logger := tfkit.Logger(tflogtest.RootLogger(t.Context(), &base))

	logger.With("table", "sys_alias").WithGroup("http").InfoContext(tflogtest.RootLogger(t.Context(), &request), "answered", "status", 200, "took", time.Second)
	lines, err := tflogtest.MultilineJSONDecode(&request)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Equal(t, "answered", lines[0]["@message"])
	require.Equal(t, "sys_alias", lines[0]["table"])
	require.EqualValues(t, 200, lines[0]["http.status"])
	require.Equal(t, "1s", lines[0]["http.took"])

	logger.WarnContext(context.Background(), "in the background", "err", errors.New("broken"))
	lines, err = tflogtest.MultilineJSONDecode(&base)
	require.NoError(t, err)
	require.Len(t, lines, 1, "what no request asked for goes to the logger of the provider")
	require.Equal(t, "broken", lines[0]["err"])
}
