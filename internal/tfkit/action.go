package tfkit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// Action is the part that every action shares: embed it.
type Action struct{ Meta *Meta }

// Configure implements action.ActionWithConfigure.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	meta, diags := FromProviderData(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	a.Meta = meta
}

// ActionProfileID is the attribute profile_id of an action; more is added to its description.
func ActionProfileID(more string) schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "The `sys_id` of the integration profile" + more + ".",
		Validators:          []validator.String{SysID()},
	}
}

// ActionTimeouts is the attribute timeouts of an action, with a description that names the default. Terraform itself sets
// an action no deadline.
func ActionTimeouts(ctx context.Context, standard time.Duration) schema.Attribute {
	description := fmt.Sprintf("How long the action may take; default `%s`.", standard)
	attribute := timeouts.AttributesWithOpts(ctx, timeouts.Opts{InvokeDescription: description})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = description
		return nested
	}
	return attribute
}

// Plans tells whether the instance can be looked at while planning. It cannot where the provider block holds values that
// are known only after apply.
func (a *Action) Plans() bool { return a.Meta != nil && a.Meta.client != nil }

// Profile finds the profile that an action works on, before the action does anything. Actions exist only as companion
// routes, so an instance without them is an error. The operation is a verb, such as "refresh".
func (a *Action) Profile(ctx context.Context, operation string, id types.String) (sam.Instance, sam.Profile, diag.Diagnostics) {
	what := fmt.Sprintf("integration profile %s", id.ValueString())
	client, diags := a.Meta.Client()
	if diags.HasError() {
		return sam.Instance{}, sam.Profile{}, diags
	}
	instance, err := client.Instance(ctx)
	if err == nil && instance.Mode == sam.ModeTable {
		err = sam.ErrNoCompanion
	}
	if err != nil {
		diags.Append(ErrorDiagnostic(operation, what, err))
		return instance, sam.Profile{}, diags
	}
	profile, err := client.Profiles.Get(ctx, id.ValueString())
	if errors.Is(err, sam.ErrNotFound) {
		diags.AddAttributeError(path.Root("profile_id"), "No such integration profile", fmt.Sprintf(
			"Trying to %s the %s: the instance has no such profile. Check profile_id; it is the id of a "+
				"servicenowsam_integration_profile.", operation, what))
	} else if err != nil {
		diags.Append(ErrorDiagnostic(operation, what, err))
	}
	return instance, profile, diags
}

// Tell makes the sink of progress lines of an action: each goes to the log and to Terraform, which shows it. Whoever runs
// an action without listening may leave send nil.
func (m *Meta) Tell(ctx context.Context, operation, object string, send func(action.InvokeProgressEvent)) sam.Say {
	say := m.Say(ctx, operation, object)
	return func(line string) {
		say(line)
		if send == nil || ctx.Err() != nil {
			return
		}
		sent := make(chan struct{})
		go func() {
			send(action.InvokeProgressEvent{Message: line})
			close(sent)
		}()
		// A Terraform that is gone takes no line and never says so; the action must still be able to stop.
		select {
		case <-sent:
		case <-ctx.Done():
		}
	}
}
