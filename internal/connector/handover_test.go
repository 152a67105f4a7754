package connector_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

func TestWhatWasReadIsHandedOverOnceAndToItsOwnPerson(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var h connector.Handover[string]
	_, ok := h.Take("ada", begin)
	require.False(t, ok)

	h.Put("ada", "of ada", begin)
	h.Put("bo", "of bo", begin)
	got, ok := h.Peek("ada", begin)
	require.True(t, ok)
	require.Equal(t, "of ada", got)
	got, ok = h.Take("ada", begin.Add(10*time.Second))
	require.True(t, ok)
	require.Equal(t, "of ada", got)
	_, ok = h.Take("ada", begin)
	require.False(t, ok, "only one gets a value")
	_, ok = h.Take("bo", begin.Add(11*time.Second))
	require.False(t, ok, "what is old must be read again")
}
