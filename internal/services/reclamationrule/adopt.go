package reclamationrule

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// findProduct finds the product that the configuration names.
func findProduct(ctx context.Context, client *sam.Client, m model) (sam.RuleProduct, diag.Diagnostics) {
	var product sam.RuleProduct
	var err error
	attribute := "profile_type"
	if name := m.Product.ValueString(); name != "" {
		attribute = "product"
		product, err = client.Rules.Product(ctx, name)
	} else {
		product, err = client.Rules.ProductOfType(ctx, m.ProfileType.ValueString())
	}
	switch {
	case errors.Is(err, sam.ErrNotFound):
		return product, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root(attribute), "No such product", fmt.Sprintf(
			"Looking up the %s: the instance knows no such product. The data source servicenowsam_profile_types lists the products "+
				"of the profile types.", object(m)))}
	case errors.Is(err, sam.ErrAmbiguous):
		return product, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root(attribute), "Several products", fmt.Sprintf(
			"Looking up the %s: the instance has several products of it, each with a rule of its own. Set product to the name of one, "+
				"in a resource for each.", object(m)))}
	case err != nil:
		return product, diag.Diagnostics{tfkit.ErrorDiagnostic("find the product of", object(m), err)}
	}
	return product, nil
}

// findRule finds the rule of a product. One that somebody deleted is made again, by publishing a published profile anew.
func (r *ruleResource) findRule(ctx context.Context, client *sam.Client, m model, product sam.RuleProduct) (sam.ReclamationRule, diag.Diagnostics) {
	rule, err := client.Rules.FindByProduct(ctx, product.SysID)
	if !errors.Is(err, sam.ErrNotFound) {
		return rule, failed("find", m, err)
	}
	profile, err := publishedProfile(ctx, client, product)
	if err != nil {
		return rule, failed("find the integration profile of", m, err)
	}
	if profile.SysID == "" {
		return rule, diag.Diagnostics{diag.NewErrorDiagnostic("The product has no reclamation rule yet", fmt.Sprintf(
			"Adopting the %s: publishing an integration profile of the product creates the rule, and none is published. Publish one "+
				"first. If it is in this configuration, refer to it, so that Terraform waits for it:\n\n"+
				"  profile_type = servicenowsam_integration_profile.NAME.profile_type", object(m)))}
	}
	_, err = client.Profiles.Publish(ctx, profile.SysID, r.Meta.Say(ctx, "publish again", fmt.Sprintf("integration profile %q", profile.DisplayName)))
	if errors.Is(err, sam.ErrNoCompanion) {
		return rule, diag.Diagnostics{diag.NewErrorDiagnostic("The reclamation rule was deleted", fmt.Sprintf(
			"Adopting the %s: the integration profile %q is published, and the rule that it made is gone. Publishing again makes a new "+
				"one, which the Table API cannot do: a person with the role sam_integrator presses Publish on the profile.",
			object(m), profile.DisplayName))}
	}
	if err != nil {
		return rule, failed("make again by publishing", m, err)
	}
	rule, err = client.Rules.FindByProduct(ctx, product.SysID)
	return rule, failed("find", m, err)
}

func failed(operation string, m model, err error) diag.Diagnostics {
	if err == nil {
		return nil
	}
	return diag.Diagnostics{tfkit.ErrorDiagnostic(operation, object(m), err)}
}

// publishedProfile finds a published profile that brings subscriptions of a product; the zero value where there is none.
func publishedProfile(ctx context.Context, client *sam.Client, product sam.RuleProduct) (sam.Profile, error) {
	for _, profileType := range product.ProfileTypes {
		filter := sam.ProfileFilter{ProfileType: profileType, Status: dictionary.ProfileStatusPublished}
		for profile, err := range client.Profiles.All(ctx, filter) {
			return profile, err
		}
	}
	return sam.Profile{}, nil
}

// obstacle tells why a rule cannot be adopted; empty where it can.
func obstacle(m model, rule sam.ReclamationRule) (summary, detail string) {
	if rule.ManagedBy != "" {
		return "The reclamation rule has an owner already", fmt.Sprintf(
			"Adopting the %s: another resource manages it (mark %q), in this configuration or in another root module, and two would "+
				"fight over it. Keep one of them. If that resource is no more, because its state was lost or it was removed from it, let "+
				"this one take over:\n\n%s", object(m), rule.ManagedBy, tfkit.ImportBlock(typeName, rule.SysID))
	}
	changed := rule.Differences(sam.DefaultRuleSettings())
	if len(changed) == 0 {
		return "", ""
	}
	return "The reclamation rule is not as publishing made it", fmt.Sprintf(
		"Adopting the %s: somebody, or another root module, has changed %s, and Terraform would overwrite that unseen. To take it "+
			"over, with a plan that shows each difference:\n\n%s", object(m), strings.Join(changed, ", "),
		tfkit.ImportBlock(typeName, rule.SysID))
}

// findGroup finds the assignment group that the plan names.
func findGroup(ctx context.Context, client *sam.Client, m model) (sam.Group, diag.Diagnostics) {
	named := m.AssignmentGroup.ValueString()
	find := client.Group
	if tfkit.IsSysID(named) {
		find = client.GroupByID
	}
	group, err := find(ctx, named)
	if errors.Is(err, sam.ErrNotFound) {
		return group, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("assignment_group"), "No such user group", fmt.Sprintf(
			"Saving the %s: the instance has no user group %q. Create it, or name another.", object(m), named))}
	}
	return group, failed("find the assignment group of", m, err)
}
