package tfkit

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// PrivateReader is the private state of a request.
type PrivateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// PrivateWriter is the private state of a response.
type PrivateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// Pin is one value in private state: what Read (or Create, Update) saw of the world, for ModifyPlan to compute from.
//
// Terraform calls ModifyPlan again during apply, in a new process. A plan that looked at the world itself could differ
// then; a plan computed from the pin cannot. Values must be plain structs, so that the same value has the same bytes.
type Pin[T any] struct{ Key string }

// Load returns the pinned value; ok is false where there is none, as after an import.
func (p Pin[T]) Load(ctx context.Context, private PrivateReader) (value T, ok bool, diags diag.Diagnostics) {
	raw, diags := private.GetKey(ctx, p.Key)
	if diags.HasError() || len(raw) == 0 {
		return value, false, diags
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		diags.AddError("Unreadable private state",
			fmt.Sprintf("Decoding the private state key %q: %v. Another version of this provider may have written it: "+
				"use that version, or remove the resource from the state and import it again.", p.Key, err))
		return value, false, diags
	}
	return value, true, diags
}

// Save pins a value.
func (p Pin[T]) Save(ctx context.Context, private PrivateWriter, value T) diag.Diagnostics {
	raw, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Private state cannot be written",
			fmt.Sprintf("Encoding the private state key %q: %v. This is a bug of the provider; please report it.", p.Key, err))}
	}
	return private.SetKey(ctx, p.Key, raw)
}
