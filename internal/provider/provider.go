// Package provider is the provider block: it chooses the instance, makes the client, and registers what the services
// offer. Only here is an embedded instance tied to the client.
package provider

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/asana"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/confluence"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/childalias"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/confluencegroup"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/connectionalias"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/exclusionrule"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/integrationprofile"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/licensereclamation"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/licenseusage"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/licensingresourcecount"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/profiletype"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/reclamationrule"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/reclamationrun"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/reconciliation"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/removalcandidate"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/scheduledjob"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/softwareentitlement"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/softwaremodel"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/softwaresubscription"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/subscriptionidentifier"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/subscriptionsync"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/services/userresolutionrule"
)

// Address is where the registry keeps the provider.
const Address = "registry.terraform.io/servicenowsam/servicenowsam"

// TypeName prefixes the names of all resources and data sources.
const TypeName = "servicenowsam"

var (
	_ provider.ProviderWithActions       = &Provider{}
	_ provider.ProviderWithListResources = &Provider{}
)

// Options of a provider. The zero value is what a released provider uses; tests set the rest.
type Options struct {
	Version string
	Now     func() time.Time    // nil means time.Now
	Getenv  func(string) string // nil means os.Getenv
	Faults  *restapi.Faults     // of the embedded instance
	// Connectors of the embedded instance; nil means Connectors().
	Connectors map[string]connector.Factory
}

// Provider is the provider of one process.
type Provider struct {
	options Options

	mu        sync.Mutex
	instances []*instance.Instance
}

// New makes a provider. Close it when the process ends.
func New(o Options) *Provider {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Connectors == nil {
		o.Connectors = Connectors()
	}
	return &Provider{options: o}
}

// Connectors are the vendors that an embedded instance can talk to.
func Connectors() map[string]connector.Factory {
	return map[string]connector.Factory{
		dictionary.VendorTrello: trello.New, dictionary.VendorAsana: asana.New, dictionary.VendorConfluence: confluence.New,
	}
}

// Metadata names the provider.
func (p *Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = TypeName
	resp.Version = p.options.Version
}

// Resources lists the managed resources.
func (p *Provider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		childalias.NewResource,
		connectionalias.NewResource,
		exclusionrule.NewIdentifierResource,
		exclusionrule.NewUserResource,
		integrationprofile.NewResource,
		licensereclamation.NewResource,
		reclamationrule.NewResource,
		reconciliation.NewResource,
		softwareentitlement.NewResource,
		subscriptionidentifier.NewResource,
		subscriptionsync.NewResource,
		userresolutionrule.NewResource,
	}
}

// DataSources lists the data sources.
func (p *Provider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		confluencegroup.NewDataSource,
		connectionalias.NewDataSource,
		exclusionrule.NewIdentifierDataSource,
		exclusionrule.NewUserDataSource,
		integrationprofile.NewDataSource,
		integrationprofile.NewListDataSource,
		licenseusage.NewDataSource,
		licensingresourcecount.NewDataSource,
		profiletype.NewDataSource,
		reclamationrule.NewDataSource,
		reclamationrun.NewDataSource,
		removalcandidate.NewDataSource,
		scheduledjob.NewDataSource,
		scheduledjob.NewResultsDataSource,
		softwareentitlement.NewDataSource,
		softwaremodel.NewDataSource,
		softwaresubscription.NewDataSource,
		subscriptionidentifier.NewDataSource,
	}
}

// ListResources lists the list resources, for terraform query (Terraform 1.14).
func (p *Provider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		childalias.NewListResource,
		connectionalias.NewListResource,
		exclusionrule.NewIdentifierListResource,
		exclusionrule.NewUserListResource,
		integrationprofile.NewListResource,
		softwareentitlement.NewListResource,
		subscriptionidentifier.NewListResource,
		userresolutionrule.NewListResource,
		reclamationrule.NewListResource,
	}
}

// Actions lists the actions (Terraform 1.14).
func (p *Provider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		integrationprofile.NewValidateAction,
		licensereclamation.NewAction,
		reconciliation.NewAction,
		subscriptionsync.NewAction,
	}
}

// Close closes the embedded instances: what runs is canceled and stores its outcome.
func (p *Provider) Close(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, i := range p.instances {
		errs = append(errs, i.Close(ctx))
	}
	p.instances = nil
	return errors.Join(errs...)
}

func (p *Provider) keep(i *instance.Instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.instances = append(p.instances, i)
}
