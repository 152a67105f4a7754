package softwaresubscription_test

import (
	"testing"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
)

func TestMain(m *testing.M) { acctest.Main(m) }
