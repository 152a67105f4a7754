package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/cloudid"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/trelloauthorization"
)

var _ provider.ProviderWithFunctions = &Provider{}

// Functions lists the functions.
func (p *Provider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{cloudid.New, trelloauthorization.New}
}
