package tfkit

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// List is the records of one type, for a list resource.
type List[T any] struct {
	Objects string // what is listed, such as "integration profiles"
	// Records gives the records that match the configuration, as they come.
	Records func(ctx context.Context, client *sam.Client) iter.Seq2[T, error]
	// Name gives the sys_id of a record and the name that an administrator knows it by.
	Name func(T) (sysID, displayName string)
	// Fill maps a record to a resource that has nothing but its id, as it is after an import. It is asked only where the
	// resource is wanted, so it may ask the instance for more.
	Fill func(ctx context.Context, client *sam.Client, record T, resource *tfsdk.Resource) diag.Diagnostics
}

// Stream lists the records. An error ends the list as a result of its own: that is the only way by which Terraform learns
// of it.
func (l List[T]) Stream(ctx context.Context, meta *Meta, req list.ListRequest) iter.Seq[list.ListResult] {
	return func(push func(list.ListResult) bool) {
		client, diags := meta.Client()
		if diags.HasError() {
			push(list.ListResult{Diagnostics: diags})
			return
		}
		instance, err := client.Instance(ctx)
		if err != nil {
			push(l.failed(err))
			return
		}
		left := req.Limit
		for record, err := range l.Records(ctx, client) {
			if err != nil {
				push(l.failed(err))
				return
			}
			if !push(l.result(ctx, client, instance, req, record)) {
				return
			}
			// Terraform may take a few results more than it asked for, and a limit of 0 means none.
			if left--; left == 0 {
				return
			}
		}
	}
}

func (l List[T]) failed(err error) list.ListResult {
	return list.ListResult{Diagnostics: diag.Diagnostics{ErrorDiagnostic("list", l.Objects, err)}}
}

func (l List[T]) result(ctx context.Context, client *sam.Client, instance sam.Instance, req list.ListRequest, record T) list.ListResult {
	result := req.NewListResult(ctx)
	id, name := l.Name(record)
	result.DisplayName = name
	result.Diagnostics.Append(SetIdentity(ctx, result.Identity, instance.ID, id)...)
	if !req.IncludeResource || result.Diagnostics.HasError() {
		return result
	}
	result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root("id"), id)...)
	if !result.Diagnostics.HasError() {
		result.Diagnostics.Append(l.Fill(ctx, client, record, result.Resource)...)
	}
	return result
}
