package tfkit

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// FromProviderData takes the Meta out of what the framework hands to Configure. While validating there is none, and nil
// comes back without an error.
func FromProviderData(data any) (*Meta, diag.Diagnostics) {
	if data == nil {
		return nil, nil
	}
	meta, ok := data.(*Meta)
	if !ok {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected provider data",
			fmt.Sprintf("Configure got a %T. This is a bug of the provider; please report it.", data))}
	}
	return meta, nil
}
