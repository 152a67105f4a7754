package dictionary

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Seed is a row that every new instance ships with: what ServiceNow's plugins, the store app and the spokes install. Its
// sys_id is SeedID(Table, Key). References in Values hold sys_ids.
type Seed struct {
	Table     string
	Key       string
	Values    map[string]string
	Certainty Certainty
	Source    string
}

// SysID is the sys_id of the row.
func (s Seed) SysID() string { return SeedID(s.Table, s.Key) }

// The standing jobs and the property that reclaim depends on.
const (
	JobUpdateCandidates         = "SAM — Updating Existing Reclamation Candidates"
	JobIdentifyCandidates       = "SAM – Identify new reclamation candidates"
	JobRestrictedSoftware       = "SAM - Identify restricted software candidates"   // the name is assumed
	JobAutoReclamation          = "SAM - Auto-reclamation of unanswered candidates" // ours: ServiceNow's flow waits by itself
	JobReconciliation           = "SAM - Software License Reconciliation"
	JobMetering                 = "SAM - Count licensing resources" // assumed: the pages name the licensing job, not what it is called
	JobRetention                = "SAM — Data Retention"
	PropertyErrorTimeout        = "sam_reclamation_flow_error_timeout" // days
	PropertyCurrency            = "glide.system.currency"              // assumed: ISO 4217 code in which the instance keeps amounts
	PropertyUserResolutionTable = "sn_itam_samp.user_resolution_exclude_table"
	PropertyForeignChoice       = "glide.rest.choice.allow_non_existing_value"
	PropertyAdminOnlySysFields  = "glide.rest.table_api.admin_only_sys_fields"
)

// DefaultCurrency of a new instance.
const DefaultCurrency = "USD"

// IsCurrency tells whether a text has the form of a currency code of ISO 4217.
func IsCurrency(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// Seeds lists the rows that a new instance ships with, referenced rows before the rows that refer to them. Release
// families share them: a family uses those that its catalogue names.
func Seeds() []Seed {
	return slices.Concat(groupSeeds(), scopeSeeds(), retryPolicySeeds(), templateSeeds(), aliasSeeds(), subflowSeeds(),
		productSeeds(), standingJobSeeds(), propertySeeds())
}

func groupSeeds() []Seed {
	return []Seed{{
		Table: TableUserGroup, Key: DefaultAssignmentGroup, Certainty: Doc, Source: "reclamation-rules.md: default assignment group",
		Values: map[string]string{GroupName: DefaultAssignmentGroup, "active": "true"},
	}}
}

// vendorTypes are the profile types of both families that come with a spoke; the newest family first.
func vendorTypes() []ProfileType {
	var types []ProfileType
	for _, family := range ReleaseFamilies() {
		for _, t := range ProfileTypes(family) {
			if t.Vendor != "" {
				types = append(types, t)
			}
		}
	}
	return types
}

func scopeSeeds() []Seed {
	scope := func(name, label, version, source string) Seed {
		return Seed{
			Table: TableScope, Key: name, Certainty: Doc, Source: source,
			Values: map[string]string{ScopeScope: name, ScopeName: label, ScopeVersion: version, ScopeActive: "true"},
		}
	}
	seeds := []Seed{
		scope("sn_sam_saas", "Software Asset Management SaaS", "", "KB3015895"),
		scope("sn_sam_saas_int", "Software Asset Management - SaaS License Management", "", "store release notes"),
	}
	for _, t := range ProfileTypes(Australia) {
		if t.SpokeScope != "" {
			seeds = append(seeds, scope(t.SpokeScope, t.SpokeName, t.SpokeVersion, t.Source))
		}
	}
	return seeds
}

func retryPolicySeeds() []Seed {
	return []Seed{{
		Table: TableRetryPolicy, Key: DefaultHTTPRetryPolicy, Certainty: Doc, Source: "connection-alias.md",
		Values: map[string]string{RetryPolicyName: DefaultHTTPRetryPolicy},
	}}
}

func templateSeeds() []Seed {
	var seeds []Seed
	seen := map[string]bool{}
	add := func(name, scope string, connection ConnectionDefaults, c Certainty, source string) {
		if seen[name] {
			return
		}
		seen[name] = true
		values := map[string]string{TemplateName: name, TemplateSchema: templateSchema(connection), TemplateDefaults: templateDefaults(connection)}
		if scope != "" {
			values[SysScope] = SeedID(TableScope, scope)
		}
		seeds = append(seeds, Seed{Table: TableAliasTemplate, Key: name, Values: values, Certainty: c, Source: source})
	}
	for _, t := range vendorTypes() {
		c := Doc
		if t.Vendor != VendorConfluence {
			c = Assumed
		}
		for _, variant := range t.AliasRule {
			add(variant.Template, t.SpokeScope, t.Connection, c, t.Source)
		}
	}
	const custom = "create-integration-custom.md"
	add("OAuth Authorization Code", "", ConnectionDefaults{Fields: []string{"Authorization URL", "Token URL", "Token Revocation URL",
		"OAuth Redirect URL", "Refresh Token Lifespan", "Client ID", "Client Secret", "Scopes"}}, Doc, custom)
	add("Basic Auth with API Key", "", ConnectionDefaults{Fields: []string{"User Name", "API Key"}}, Doc, custom)
	return seeds
}

// templateSchema lists the fields of the dialog: connection.* and credential.*, as the platform keys them.
func templateSchema(c ConnectionDefaults) string {
	fields := map[string]string{"connection.name": "Connection Name", "connection.connection_url": "Connection URL"}
	for _, label := range c.Fields {
		fields["credential."+fieldName(label)] = label
	}
	return mustJSON(fields)
}

func templateDefaults(c ConnectionDefaults) string {
	defaults := map[string]string{}
	if c.Name != "" {
		defaults["connection.name"] = c.Name
	}
	if c.URL != "" {
		defaults["connection.connection_url"] = c.URL
	}
	return mustJSON(defaults)
}

// fieldName is the column that belongs to a label: "API Key" becomes api_key.
func fieldName(label string) string {
	return strings.ReplaceAll(strings.ToLower(label), " ", "_")
}

func mustJSON(values map[string]string) string {
	encoded, err := json.Marshal(values) // keys come out sorted, so the text is stable
	if err != nil {
		panic("dictionary: encode a map of strings: " + err.Error())
	}
	return string(encoded)
}

func aliasSeeds() []Seed {
	seeds := []Seed{aliasSeed(ConfluenceParentAlias, "", confluenceTemplateClassic, "create-child-alias-saas.md")}
	for _, t := range ProfileTypes(Australia) {
		for _, variant := range t.AliasRule {
			seeds = append(seeds, aliasSeed(variant.Alias, t.ParentAlias, variant.Template, t.Source))
		}
	}
	return seeds
}

func aliasSeed(id, parent, template, source string) Seed {
	scope, name, _ := strings.Cut(id, ".")
	values := map[string]string{
		AliasName: name, AliasID: id, AliasType: AliasTypeConnection, AliasConnectionType: TableHTTPConnection,
		AliasTemplate: SeedID(TableAliasTemplate, template), AliasRetryPolicy: SeedID(TableRetryPolicy, DefaultHTTPRetryPolicy),
		AliasMultipleConnections: "false", SysScope: SeedID(TableScope, scope),
	}
	if parent != "" {
		values[AliasParent] = SeedID(TableAlias, parent)
	}
	return Seed{Table: TableAlias, Key: id, Values: values, Certainty: Doc, Source: source}
}

func subflowSeeds() []Seed {
	var seeds []Seed
	seen := map[string]bool{}
	for _, t := range vendorTypes() {
		for _, process := range slices.Sorted(maps.Keys(t.Subflows)) {
			name := t.Subflows[process]
			if seen[name] {
				continue
			}
			seen[name] = true
			seeds = append(seeds, Seed{
				Table: TableSubflow, Key: name, Certainty: Doc, Source: t.Source,
				Values: map[string]string{
					SubflowName: name, SubflowInternalName: fieldName(name), SubflowType: "subflow", SubflowActive: "true",
					SysScope: SeedID(TableScope, t.SpokeScope),
				},
			})
		}
	}
	return seeds
}

func standingJobSeeds() []Seed {
	job := func(name, runType string, active bool, source string) Seed {
		return Seed{
			Table: TableScheduledJob, Key: name, Certainty: Doc, Source: source,
			Values: map[string]string{JobName: name, JobRunType: runType, JobActive: strconv.FormatBool(active)},
		}
	}
	return []Seed{
		job(JobUpdateCandidates, JobRunWeekly, true, "removal candidate pages: weekly job"),
		job(JobIdentifyCandidates, JobRunMonthly, false, "KB2593329: on-premises software only, so it is off here"),
		job(JobRestrictedSoftware, JobRunDaily, true, "removal candidate pages: nightly job for restricted software; its name is assumed"),
		job(JobAutoReclamation, JobRunDaily, true, "not on ServiceNow, where the flow of each candidate waits for the answer"),
		job(JobReconciliation, JobRunWeekly, true, "reconciliation pages: weekly"),
		job(JobRetention, JobRunDaily, true, "not on ServiceNow, where data archiving and deletion rules do it"),
		job(JobMetering, JobRunDaily, true, "view-itam-license-sum.md: counted daily; the name is assumed"),
	}
}

func propertySeeds() []Seed {
	property := func(name, value, kind, description, source string) Seed {
		return Seed{
			Table: TableProperty, Key: name, Certainty: Doc, Source: source,
			Values: map[string]string{PropertyName: name, PropertyValue: value, "type": kind, "description": description},
		}
	}
	return []Seed{
		property(PropertyErrorTimeout, "30", "integer", "Days after which a candidate in Attention Required is closed as canceled", "sam-properties.md"),
		property(PropertyCurrency, DefaultCurrency, "string", "Currency in which amounts are kept (ISO 4217)", "the name of the property is assumed"),
		property(PropertyUserResolutionTable, "", "string", "Tables extending sys_user that user resolution leaves out", "map-user-data.md"),
		property(PropertyForeignChoice, "false", "boolean", "Whether REST writes may store choice values outside the list", "Table API documentation"),
		property(PropertyAdminOnlySysFields, "false", "boolean", "Whether only admins may set sys_ columns over REST", "Table API documentation"),
	}
}
