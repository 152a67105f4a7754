package tfkit

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// Timeouts is the attribute timeouts with a description that names the default.
func Timeouts(ctx context.Context, opts timeouts.Opts, standard time.Duration) schema.Attribute {
	attribute := timeouts.Attributes(ctx, opts)
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = fmt.Sprintf("How long an operation may take; default `%s`.", standard)
		return nested
	}
	return attribute
}
