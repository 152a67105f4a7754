package sam

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// ReclamationRules are the rules by which removal candidates are found: one per product with subscriptions.
type ReclamationRules struct{ c *Client }

// ReclamationRule is the rule of a product.
type ReclamationRule struct {
	SysID string
	Name  string
	RuleSettings
	ManagedBy string // mark of the Terraform resource that owns the rule; empty on ServiceNow, which has no place for it
	Products  []RuleProduct
	Meta      Meta
}

// RuleSettings is what can be set on a rule.
type RuleSettings struct {
	ThresholdDays        int // 0 where the instance has none
	CreateCandidate      bool
	NotifyUser           bool
	DaysBeforeAuto       *int // nil where not set
	AssignmentGroupSysID string
	AssignmentGroup      string // name
	Active               bool
}

// RuleProduct is a product that a rule is for.
type RuleProduct struct {
	SysID        string
	Name         string
	ProfileTypes []string // of integration profiles that bring its subscriptions
}

// DefaultRuleSettings are those of a rule that publishing creates (reclamation-rules.md). The group has no sys_id.
func DefaultRuleSettings() RuleSettings {
	return RuleSettings{
		ThresholdDays: dictionary.DefaultThresholdDays, CreateCandidate: true, Active: true,
		AssignmentGroup: dictionary.DefaultAssignmentGroup,
	}
}

// Differences lists the columns in which a rule differs from other settings. Groups are compared by name.
func (s RuleSettings) Differences(other RuleSettings) []string {
	var columns []string
	for _, setting := range []struct {
		column string
		same   bool
	}{
		{dictionary.RuleThresholdDays, s.ThresholdDays == other.ThresholdDays},
		{dictionary.RuleCreateCandidate, s.CreateCandidate == other.CreateCandidate},
		{dictionary.RuleNotifyUser, s.NotifyUser == other.NotifyUser},
		{dictionary.RuleDaysBeforeAuto, daysText(s.DaysBeforeAuto) == daysText(other.DaysBeforeAuto)},
		{dictionary.RuleAssignmentGroup, strings.EqualFold(s.AssignmentGroup, other.AssignmentGroup)},
		{dictionary.RuleActive, s.Active == other.Active},
	} {
		if !setting.same {
			columns = append(columns, setting.column)
		}
	}
	return columns
}

// values are all settings, as columns.
func (s RuleSettings) values() servicenow.Values {
	return servicenow.Values{
		dictionary.RuleThresholdDays: strconv.Itoa(s.ThresholdDays), dictionary.RuleCreateCandidate: strconv.FormatBool(s.CreateCandidate),
		dictionary.RuleNotifyUser: strconv.FormatBool(s.NotifyUser), dictionary.RuleDaysBeforeAuto: daysText(s.DaysBeforeAuto),
		dictionary.RuleAssignmentGroup: s.AssignmentGroupSysID, dictionary.RuleActive: strconv.FormatBool(s.Active),
	}
}

func daysText(days *int) string {
	if days == nil {
		return ""
	}
	return strconv.Itoa(*days)
}

const (
	fieldGroupName   = dictionary.RuleAssignmentGroup + "." + dictionary.GroupName
	fieldRuleApplies = dictionary.RuleProductRule + "." + dictionary.RuleAppliesTo
	fieldProductName = dictionary.RuleProductProduct + "." + dictionary.ProductName
	fieldTypeProduct = dictionary.ProductTypeRef + "." + dictionary.ProductName
)

var ruleFields = slices.Concat([]string{
	dictionary.RuleName, dictionary.RuleAppliesTo, dictionary.RuleThresholdDays, dictionary.RuleCreateCandidate, dictionary.RuleNotifyUser,
	dictionary.RuleDaysBeforeAuto, dictionary.RuleAssignmentGroup, fieldGroupName, dictionary.RuleActive, dictionary.RuleManagedBy,
}, metaFields)

// Get reads a rule. ErrNotFound means confirmed gone.
func (r *ReclamationRules) Get(ctx context.Context, sysID string) (ReclamationRule, error) {
	record, err := r.c.read(ctx, dictionary.TableReclamationRule, sysID, servicenow.ReadOptions{Fields: ruleFields})
	if err != nil {
		return ReclamationRule{}, err
	}
	rule, err := decodeRule(record)
	if err != nil {
		return rule, err
	}
	products, err := r.products(ctx, servicenow.Eq(dictionary.RuleProductRule, sysID))
	rule.Products = products[sysID]
	return rule, err
}

// Product finds a product by its name, or ErrNotFound.
func (r *ReclamationRules) Product(ctx context.Context, name string) (RuleProduct, error) {
	record, err := r.c.rest.Find(ctx, dictionary.TableProduct, servicenow.Where(servicenow.Eq(dictionary.ProductName, name)),
		servicenow.ReadOptions{Fields: []string{dictionary.ProductName}})
	if err != nil {
		return RuleProduct{}, explain(dictionary.TableProduct, err)
	}
	product := RuleProduct{SysID: record.ID(), Name: record.Get(dictionary.ProductName)}
	types, err := r.profileTypes(ctx, product.SysID)
	product.ProfileTypes = types[product.SysID]
	return product, err
}

// ProductOfType finds the product of a profile type. None is ErrNotFound, several are ErrAmbiguous.
func (r *ReclamationRules) ProductOfType(ctx context.Context, profileType string) (RuleProduct, error) {
	record, err := r.c.rest.Find(ctx, dictionary.TableProductProfileType, servicenow.Where(servicenow.Eq(dictionary.ProductTypeType, profileType)),
		servicenow.ReadOptions{Fields: []string{dictionary.ProductTypeRef, fieldTypeProduct}})
	if err != nil {
		return RuleProduct{}, explain(dictionary.TableProductProfileType, err)
	}
	product := RuleProduct{SysID: record.Get(dictionary.ProductTypeRef), Name: record.Get(fieldTypeProduct)}
	types, err := r.profileTypes(ctx, product.SysID)
	product.ProfileTypes = types[product.SysID]
	return product, err
}

// FindByProduct finds the rule for the subscriptions of a product, or ErrNotFound. Two rules are ErrAmbiguous.
func (r *ReclamationRules) FindByProduct(ctx context.Context, product string) (ReclamationRule, error) {
	query := servicenow.Where(servicenow.Eq(dictionary.RuleProductProduct, product), ofSubscriptions())
	link, err := r.c.rest.Find(ctx, dictionary.TableRuleProduct, query, servicenow.ReadOptions{Fields: []string{dictionary.RuleProductRule}})
	if err != nil {
		return ReclamationRule{}, explain(dictionary.TableRuleProduct, err)
	}
	return r.Get(ctx, link.Get(dictionary.RuleProductRule))
}

func ofSubscriptions() servicenow.Cond {
	return servicenow.Eq(fieldRuleApplies, dictionary.AppliesToSubscription)
}

// ReclamationRuleFilter narrows a list of rules. Empty fields do not filter.
type ReclamationRuleFilter struct {
	NameContains string // part of the name, in any case of its letters
}

// All walks the rules for subscriptions.
func (r *ReclamationRules) All(ctx context.Context, f ReclamationRuleFilter) iter.Seq2[ReclamationRule, error] {
	return func(yield func(ReclamationRule, error) bool) {
		products, err := r.products(ctx, ofSubscriptions())
		if err != nil {
			yield(ReclamationRule{}, err)
			return
		}
		query := servicenow.Where(servicenow.Eq(dictionary.RuleAppliesTo, dictionary.AppliesToSubscription))
		if f.NameContains != "" {
			query = query.And(servicenow.Contains(dictionary.RuleName, f.NameContains))
		}
		records := r.c.rest.All(ctx, dictionary.TableReclamationRule, query, servicenow.WalkOptions{
			ReadOptions: servicenow.ReadOptions{Fields: ruleFields},
		})
		for rule, err := range decodeEach(records, dictionary.TableReclamationRule, decodeRule) {
			rule.Products = products[rule.SysID]
			if !yield(rule, err) {
				return
			}
		}
	}
}

// products lists the products of rules, by the rules' sys_ids.
func (r *ReclamationRules) products(ctx context.Context, cond servicenow.Cond) (map[string][]RuleProduct, error) {
	var links []servicenow.Record
	var ids []string
	hidden := 0
	records := r.c.rest.All(ctx, dictionary.TableRuleProduct, servicenow.Where(cond), servicenow.WalkOptions{
		ReadOptions: servicenow.ReadOptions{Fields: []string{dictionary.RuleProductRule, dictionary.RuleProductProduct, fieldProductName}},
		OnHidden:    func(rows int) { hidden = rows },
	})
	for link, err := range records {
		if err != nil {
			return nil, fmt.Errorf("read the products of reclamation rules: %w", explain(dictionary.TableRuleProduct, err))
		}
		links = append(links, link)
		ids = append(ids, link.Get(dictionary.RuleProductProduct))
	}
	if hidden > 0 {
		return nil, fmt.Errorf("read the products of reclamation rules: %w: the instance hides %d rows of %s from this user, so that nobody can "+
			"tell what the rules are for. Give the user the role sam_user", ErrDenied, hidden, dictionary.TableRuleProduct)
	}
	types, err := r.profileTypes(ctx, ids...)
	if err != nil {
		return nil, err
	}
	products := map[string][]RuleProduct{}
	for _, link := range links {
		rule, id := link.Get(dictionary.RuleProductRule), link.Get(dictionary.RuleProductProduct)
		products[rule] = append(products[rule], RuleProduct{SysID: id, Name: link.Get(fieldProductName), ProfileTypes: types[id]})
	}
	return products, nil
}

// profileTypes lists the profile types of products, by the products' sys_ids.
func (r *ReclamationRules) profileTypes(ctx context.Context, products ...string) (map[string][]string, error) {
	types := map[string][]string{}
	query := servicenow.Where(servicenow.In(dictionary.ProductTypeRef, products...))
	records := r.c.rest.All(ctx, dictionary.TableProductProfileType, query, servicenow.WalkOptions{
		ReadOptions: servicenow.ReadOptions{Fields: []string{dictionary.ProductTypeType, dictionary.ProductTypeRef}},
	})
	for record, err := range records {
		if err != nil {
			return nil, fmt.Errorf("read the profile types of products: %w", explain(dictionary.TableProductProfileType, err))
		}
		product := record.Get(dictionary.ProductTypeRef)
		types[product] = append(types[product], record.Get(dictionary.ProductTypeType))
	}
	return types, nil
}

// Adopt takes over the rule that publishing made, with new settings. On the embedded instance the rule is marked as owned,
// so that nobody else can adopt it; the instance refuses that as a *BusinessRuleError.
func (r *ReclamationRules) Adopt(ctx context.Context, sysID string, s RuleSettings) (ReclamationRule, error) {
	return r.write(ctx, "adopt", sysID, s, "Terraform "+servicenow.NewSysID())
}

// Update changes the settings of a rule.
func (r *ReclamationRules) Update(ctx context.Context, sysID string, s RuleSettings) (ReclamationRule, error) {
	if err := r.set(ctx, "update", sysID, s.values()); err != nil {
		return ReclamationRule{}, err
	}
	return r.Get(ctx, sysID)
}

// Release returns a rule to the documented defaults and gives it up. The rule stays; one that is gone is no error. Where
// the default group does not exist, the rule keeps its group.
func (r *ReclamationRules) Release(ctx context.Context, sysID string) error {
	s := DefaultRuleSettings()
	group, err := r.c.Group(ctx, s.AssignmentGroup)
	switch {
	case err == nil:
		s.AssignmentGroupSysID = group.SysID
	case !errors.Is(err, ErrNotFound):
		return err
	}
	_, err = r.write(ctx, "release", sysID, s, "")
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

func (r *ReclamationRules) write(ctx context.Context, operation, sysID string, s RuleSettings, managedBy string) (ReclamationRule, error) {
	values := s.values()
	if s.AssignmentGroupSysID == "" {
		delete(values, dictionary.RuleAssignmentGroup)
	}
	embedded, err := r.c.embedded(ctx)
	if err != nil {
		return ReclamationRule{}, err
	}
	if embedded {
		values[dictionary.RuleManagedBy] = managedBy
	}
	if err := r.set(ctx, operation, sysID, values); err != nil {
		return ReclamationRule{}, err
	}
	return r.Get(ctx, sysID)
}

func (r *ReclamationRules) set(ctx context.Context, operation, sysID string, values servicenow.Values) error {
	if _, err := r.c.rest.Update(ctx, dictionary.TableReclamationRule, sysID, values); err != nil {
		return fmt.Errorf("%s reclamation rule %s: %w", operation, sysID, explain(dictionary.TableReclamationRule, err))
	}
	return nil
}

func decodeRule(r servicenow.Record) (ReclamationRule, error) {
	for _, column := range []string{dictionary.RuleThresholdDays, dictionary.RuleCreateCandidate, dictionary.RuleNotifyUser, dictionary.RuleActive} {
		if !r.Has(column) {
			return ReclamationRule{}, &servicenow.HiddenColumnError{Table: dictionary.TableReclamationRule, SysID: r.ID(), Column: column}
		}
	}
	threshold, _ := r.Int(dictionary.RuleThresholdDays)
	return ReclamationRule{
		SysID: r.ID(), Name: r.Get(dictionary.RuleName), ManagedBy: r.Get(dictionary.RuleManagedBy), Meta: meta(r),
		RuleSettings: RuleSettings{
			ThresholdDays: threshold, CreateCandidate: r.Bool(dictionary.RuleCreateCandidate), NotifyUser: r.Bool(dictionary.RuleNotifyUser),
			DaysBeforeAuto: optionalInt(r, dictionary.RuleDaysBeforeAuto), AssignmentGroupSysID: r.Get(dictionary.RuleAssignmentGroup),
			AssignmentGroup: r.Get(fieldGroupName), Active: r.Bool(dictionary.RuleActive),
		},
	}, nil
}
