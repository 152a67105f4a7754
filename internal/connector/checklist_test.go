package connector_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

func TestAReportIsGoodWhenEveryCheckIs(t *testing.T) {
	t.Parallel()
	refused := &connector.Error{Vendor: "Acme", Op: "read", Kind: connector.KindPermission, Status: 403}
	down := &connector.Error{Vendor: "Acme", Op: "read", Kind: connector.KindUnavailable, Status: 503}
	good := func() string { return "readable" }

	var list connector.Checklist
	require.True(t, list.Call(connector.ProcessDownload, nil, good))
	list.Warn("careful")
	report, err := list.Result(nil)
	require.NoError(t, err)
	require.True(t, report.OK)
	require.Equal(t, []string{"careful"}, report.Warnings)

	require.False(t, list.Call(connector.ProcessReclaim, refused, good))
	report, err = list.Result(refused)
	require.NoError(t, err, "a refusal is an answer")
	require.False(t, report.OK)
	require.Equal(t, refused.Error(), report.Checks[1].Message)

	_, err = list.Result(fmt.Errorf("while validating: %w", down))
	require.ErrorIs(t, err, down)
}

func TestErrorsAreTakenApart(t *testing.T) {
	t.Parallel()
	failure := fmt.Errorf("outer: %w", &connector.Error{Kind: connector.KindRateLimited, Status: 429})
	require.Equal(t, connector.KindRateLimited, connector.KindOf(failure))
	require.Equal(t, 429, connector.StatusOf(failure))
	require.True(t, connector.CannotTell(failure))
	require.True(t, connector.CannotTell(errors.New("interrupted")))
	require.False(t, connector.CannotTell(nil))
	require.Empty(t, connector.KindOf(errors.New("other")))
	require.Zero(t, connector.StatusOf(nil))
}
