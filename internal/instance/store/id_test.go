package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func TestSysIDsGrow(t *testing.T) {
	t.Parallel()
	first, second := store.NewSysIDs(noon), store.NewSysIDs(noon)
	var ids []string
	for range 1000 {
		ids = append(ids, first.Next())
	}
	require.True(t, slices.IsSorted(ids))
	require.Len(t, slices.Compact(slices.Clone(ids)), 1000)
	require.True(t, store.IsSysID(ids[999]))
	require.NotContains(t, ids, second.Next())
	require.Less(t, ids[999], store.NewSysIDs(noon.Add(time.Millisecond)).Next())
}
