package sam

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// ResolutionRules are the user resolution rules: how subscriptions find their user where neither mail address nor user id do.
type ResolutionRules struct{ c *Client }

// ResolutionRule is a user resolution rule of the category SaaS.
type ResolutionRule struct {
	SysID string
	ResolutionRuleInput
}

// ResolutionRuleInput is what a user resolution rule is to be.
type ResolutionRuleInput struct {
	Name          string
	SourceField   string // dictionary.SubscriptionUPN or SubscriptionExternalUserID
	LookupField   string // column of sys_user
	Transform     string // dictionary.Transform…
	DomainFrom    string // that dictionary.TransformReplaceDomain replaces; empty: any
	DomainTo      string
	ProfileSysIDs []string // that the rule applies to; none means all
	Order         int
	Active        bool
}

// ResolutionRuleFilter narrows a list of rules. Zero fields do not filter.
type ResolutionRuleFilter struct {
	NameContains string // in any case of its letters
	Active       *bool
}

var readResolutionRule = servicenow.ReadOptions{Fields: []string{
	dictionary.ResolutionName, dictionary.ResolutionCategory, dictionary.ResolutionSource, dictionary.ResolutionLookup, dictionary.ResolutionTransform,
	dictionary.ResolutionDomainFrom, dictionary.ResolutionDomainTo, dictionary.ResolutionProfiles, dictionary.ResolutionOrder, dictionary.ResolutionActive,
}}

// All walks the rules of the category SaaS.
func (r *ResolutionRules) All(ctx context.Context, f ResolutionRuleFilter) iter.Seq2[ResolutionRule, error] {
	query := servicenow.Where(servicenow.Eq(dictionary.ResolutionCategory, dictionary.ResolutionCategorySAM))
	if f.NameContains != "" {
		query = query.And(servicenow.Contains(dictionary.ResolutionName, f.NameContains))
	}
	if f.Active != nil {
		query = query.And(isBool(dictionary.ResolutionActive, *f.Active))
	}
	records := r.c.rest.All(ctx, dictionary.TableUserResolutionRule, query, servicenow.WalkOptions{ReadOptions: readResolutionRule})
	return decodeEach(records, dictionary.TableUserResolutionRule, decodeResolutionRule)
}

// Get reads a rule. ErrNotFound means confirmed gone.
func (r *ResolutionRules) Get(ctx context.Context, sysID string) (ResolutionRule, error) {
	record, err := r.c.read(ctx, dictionary.TableUserResolutionRule, sysID, readResolutionRule)
	if err != nil {
		return ResolutionRule{}, err
	}
	return decodeResolutionRule(record)
}

// Create creates a rule of the category SaaS.
func (r *ResolutionRules) Create(ctx context.Context, in ResolutionRuleInput) (ResolutionRule, error) {
	values := in.values()
	values[dictionary.ResolutionCategory] = dictionary.ResolutionCategorySAM
	record, err := r.c.rest.Create(ctx, dictionary.TableUserResolutionRule, values)
	if err != nil {
		return ResolutionRule{SysID: record.ID()}, fmt.Errorf("create user resolution rule %q: %w", in.Name, explain(dictionary.TableUserResolutionRule, err))
	}
	return decodeResolutionRule(record)
}

// Update makes a rule what the input says.
func (r *ResolutionRules) Update(ctx context.Context, sysID string, in ResolutionRuleInput) (ResolutionRule, error) {
	record, err := r.c.rest.Update(ctx, dictionary.TableUserResolutionRule, sysID, in.values())
	if err != nil {
		return ResolutionRule{}, fmt.Errorf("update user resolution rule %q: %w", in.Name, err)
	}
	return decodeResolutionRule(record)
}

// Delete deletes a rule. Users that it found stay with their subscriptions.
func (r *ResolutionRules) Delete(ctx context.Context, sysID string) error {
	if err := r.c.rest.Delete(ctx, dictionary.TableUserResolutionRule, sysID); err != nil {
		return fmt.Errorf("delete user resolution rule %s: %w", sysID, err)
	}
	return nil
}

func (in ResolutionRuleInput) values() servicenow.Values {
	return servicenow.Values{
		dictionary.ResolutionName: in.Name, dictionary.ResolutionSource: in.SourceField, dictionary.ResolutionLookup: in.LookupField,
		dictionary.ResolutionTransform: in.Transform, dictionary.ResolutionDomainFrom: in.DomainFrom, dictionary.ResolutionDomainTo: in.DomainTo,
		dictionary.ResolutionProfiles: strings.Join(in.ProfileSysIDs, ","), dictionary.ResolutionOrder: strconv.Itoa(in.Order),
		dictionary.ResolutionActive: strconv.FormatBool(in.Active),
	}
}

func decodeResolutionRule(r servicenow.Record) (ResolutionRule, error) {
	for _, column := range []string{dictionary.ResolutionName, dictionary.ResolutionActive} {
		if !r.Has(column) {
			return ResolutionRule{}, &servicenow.HiddenColumnError{Table: dictionary.TableUserResolutionRule, SysID: r.ID(), Column: column}
		}
	}
	order, _ := r.Int(dictionary.ResolutionOrder)
	return ResolutionRule{SysID: r.ID(), ResolutionRuleInput: ResolutionRuleInput{
		Name: r.Get(dictionary.ResolutionName), SourceField: r.Get(dictionary.ResolutionSource), LookupField: r.Get(dictionary.ResolutionLookup),
		Transform: r.Get(dictionary.ResolutionTransform), DomainFrom: r.Get(dictionary.ResolutionDomainFrom), DomainTo: r.Get(dictionary.ResolutionDomainTo),
		ProfileSysIDs: listOf(r.Get(dictionary.ResolutionProfiles)), Order: order, Active: r.Bool(dictionary.ResolutionActive),
	}}, nil
}

// listOf splits the value of a list column.
func listOf(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' })
}
