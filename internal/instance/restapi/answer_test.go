package restapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

func TestAnswerOfACandidate(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	a := i.do(t, http.MethodPost, companion.AnswerPath("RCC0000001"), `{"answer":"keep","by":"ada"}`)
	require.Equal(t, http.StatusOK, a.status, a.body)
	require.Equal(t, companion.Answered{Candidate: testID, Number: "RCC0000001", State: "keep by ada"}, result[companion.Answered](t, a))

	a = i.do(t, http.MethodPost, companion.AnswerPath("closed"), `{"answer":"keep"}`)
	require.Equal(t, http.StatusForbidden, a.status)
	require.Contains(t, a.body, "It is Closed Skipped.")
	require.Equal(t, http.StatusBadRequest, i.do(t, http.MethodPost, companion.AnswerPath("x"), `{`).status)
	require.Equal(t, http.StatusMethodNotAllowed, i.get(t, companion.AnswerPath("x")).status)
}
