package integrationprofile

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

type vendorConfigModel struct {
	Trello     *trelloModel     `tfsdk:"trello"`
	Asana      *asanaModel      `tfsdk:"asana"`
	Confluence *confluenceModel `tfsdk:"confluence"`
}

type trelloModel struct {
	EnterpriseID types.String `tfsdk:"enterprise_id"`
}

type asanaModel struct {
	WorkspaceID        types.String `tfsdk:"workspace_id"`
	IncludeGuests      types.Bool   `tfsdk:"include_guests"`
	ViewOnlyIdentifier types.String `tfsdk:"view_only_identifier"`
	ActivityMethod     types.String `tfsdk:"activity_method"`
}

type confluenceModel struct {
	GroupIDs          types.Set    `tfsdk:"group_ids"`
	ProtectedGroupIDs types.Set    `tfsdk:"protected_group_ids"`
	AllowAdminGroups  types.Bool   `tfsdk:"allow_admin_groups"`
	IncludeGuests     types.Bool   `tfsdk:"include_guests"`
	ActivitySource    types.String `tfsdk:"activity_source"`
	OrganizationID    types.String `tfsdk:"organization_id"`
}

// option is one setting of a vendor: its name in the profile, and where the model keeps it.
type option struct {
	name    string
	text    *types.String
	boolean *types.Bool
	list    *types.Set
}

func (m *trelloModel) options() []option {
	return []option{{name: "enterprise_id", text: &m.EnterpriseID}}
}

func (m *asanaModel) options() []option {
	return []option{
		{name: "workspace_id", text: &m.WorkspaceID},
		{name: "include_guests", boolean: &m.IncludeGuests},
		{name: "view_only_identifier", text: &m.ViewOnlyIdentifier},
		{name: "activity_method", text: &m.ActivityMethod},
	}
}

func (m *confluenceModel) options() []option {
	return []option{
		{name: "group_ids", list: &m.GroupIDs},
		{name: "protected_group_ids", list: &m.ProtectedGroupIDs},
		{name: "allow_admin_groups", boolean: &m.AllowAdminGroups},
		{name: "include_guests", boolean: &m.IncludeGuests},
		{name: "activity_source", text: &m.ActivitySource},
		{name: "organization_id", text: &m.OrganizationID},
	}
}

// block is the vendor whose settings there are, and its options.
func (m *vendorConfigModel) block() (vendor string, options []option) {
	switch {
	case m == nil:
		return "", nil
	case m.Trello != nil:
		return dictionary.VendorTrello, m.Trello.options()
	case m.Asana != nil:
		return dictionary.VendorAsana, m.Asana.options()
	case m.Confluence != nil:
		return dictionary.VendorConfluence, m.Confluence.options()
	}
	return "", nil
}

// vendors lists the vendors that have settings here.
func (m *vendorConfigModel) vendors() []string {
	var vendors []string
	if m != nil {
		for vendor, is := range map[string]bool{
			dictionary.VendorTrello: m.Trello != nil, dictionary.VendorAsana: m.Asana != nil, dictionary.VendorConfluence: m.Confluence != nil,
		} {
			if is {
				vendors = append(vendors, vendor)
			}
		}
	}
	slices.Sort(vendors)
	return vendors
}

func newVendorConfig(vendor string) *vendorConfigModel {
	switch vendor {
	case dictionary.VendorTrello:
		return &vendorConfigModel{Trello: &trelloModel{}}
	case dictionary.VendorAsana:
		return &vendorConfigModel{Asana: &asanaModel{}}
	case dictionary.VendorConfluence:
		return &vendorConfigModel{Confluence: &confluenceModel{}}
	}
	return nil
}

// stored is the settings as the profile keeps them: by name, lists comma-separated and sorted. known is false while one of
// them is not known.
func (m *vendorConfigModel) stored() (settings map[string]string, known bool) {
	settings, known = map[string]string{}, true
	_, options := m.block()
	for _, o := range options {
		value, isKnown := o.stored()
		known = known && isKnown
		if value != "" {
			settings[o.name] = value
		}
	}
	return settings, known
}

func (o option) stored() (value string, known bool) {
	switch {
	case o.text != nil:
		return o.text.ValueString(), !o.text.IsUnknown()
	case o.boolean != nil:
		if o.boolean.IsNull() || o.boolean.IsUnknown() {
			return "", !o.boolean.IsUnknown()
		}
		return strconv.FormatBool(o.boolean.ValueBool()), true
	}
	var items []string
	for _, element := range o.list.Elements() {
		text, ok := element.(types.String)
		if !ok || text.IsUnknown() {
			return "", false
		}
		items = append(items, text.ValueString())
	}
	slices.Sort(items)
	return strings.Join(items, ","), !o.list.IsUnknown()
}

// vendorConfigFrom maps what the profile keeps. A block that is there stays, also when it is empty by now.
func vendorConfigFrom(vendor string, settings map[string]string, before *vendorConfigModel) *vendorConfigModel {
	after := newVendorConfig(vendor)
	_, options := after.block()
	had, _ := before.block()
	seen := false
	for _, o := range options {
		value, is := settings[o.name]
		seen = seen || is
		o.read(value)
	}
	if !seen && had != vendor {
		return before
	}
	return after
}

func (o option) read(value string) {
	switch {
	case o.text != nil:
		*o.text = tfkit.StringOrNull(value)
	case o.boolean != nil:
		*o.boolean = types.BoolNull()
		if value != "" {
			*o.boolean = types.BoolValue(value == "true")
		}
	default:
		*o.list = stringSet(value)
	}
}

// stringSet is a comma-separated text as a set; null where it is empty.
func stringSet(value string) types.Set {
	if value == "" {
		return types.SetNull(types.StringType)
	}
	var elements []attr.Value
	for _, item := range splitList(value) {
		elements = append(elements, types.StringValue(item))
	}
	return types.SetValueMust(types.StringType, elements)
}

func splitList(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" && !slices.Contains(items, item) {
			items = append(items, item)
		}
	}
	return items
}

func vendorConfigAttribute() schema.SingleNestedAttribute {
	ids := []validator.Set{
		setvalidator.SizeAtLeast(1),
		setvalidator.ValueStringsAre(stringvalidator.RegexMatches(regexp.MustCompile(`^[^,\s]+$`), "must be the id of a group")),
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "What only one vendor needs. The key must fit `profile_type`. A change sends a published profile back " +
			"to Draft; it is validated and published again.",
		Attributes: map[string]schema.Attribute{
			"trello": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Settings of a Trello Enterprise profile.",
				Attributes: map[string]schema.Attribute{
					"enterprise_id": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "Id of the Trello Enterprise (24 hexadecimal digits). Needed only when the " +
							"token's owner administers more than one.",
						Validators: []validator.String{stringvalidator.RegexMatches(
							regexp.MustCompile(`^[0-9a-f]{24}$`), "must be 24 lower-case hexadecimal digits")},
					},
				},
			},
			"asana": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Settings of an Asana profile.",
				Attributes: map[string]schema.Attribute{
					"workspace_id": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "Id of the Asana organisation (digits only). Needed only when the credential sees more " +
							"than one. A workspace that is no organisation is refused.",
						Validators: []validator.String{stringvalidator.RegexMatches(
							regexp.MustCompile(`^[0-9]{1,32}$`), "must be the id of an organisation, which has digits only")},
					},
					"include_guests": schema.BoolAttribute{
						Optional:            true,
						MarkdownDescription: "Whether guests are downloaded too (default `false`). They hold no seat on paid plans.",
					},
					"view_only_identifier": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "Subscription identifier of view-only seats, such as `Asana View Only`. Default: that of " +
							"the other seats.",
						Validators: []validator.String{stringvalidator.LengthBetween(1, 100)},
					},
					"activity_method": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "Where activity comes from: `export` (resource export; a service account of Enterprise+ or " +
							"with the Compliance add-on), `stories` (tasks and their stories, any admin), `audit_log` (logins; service " +
							"account), or `auto` (default): the best that validation finds.",
						Validators: []validator.String{stringvalidator.OneOf("auto", "export", "stories", "audit_log")},
					},
				},
			},
			"confluence": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Settings of a Confluence Cloud profile.",
				Attributes: map[string]schema.Attribute{
					"group_ids": schema.SetAttribute{
						ElementType: types.StringType,
						Optional:    true,
						MarkdownDescription: "Ids of the groups whose members are downloaded, and from which a reclaim removes people; " +
							"`servicenowsam_confluence_groups` lists them. Default: the groups that give access to the site, found when " +
							"the connection is validated (`resolved_group_ids`).",
						Validators: ids,
					},
					"protected_group_ids": schema.SetAttribute{
						ElementType:         types.StringType,
						Optional:            true,
						MarkdownDescription: "Ids of groups whose members never lose a licence.",
						Validators:          ids,
					},
					"allow_admin_groups": schema.BoolAttribute{
						Optional:            true,
						MarkdownDescription: "Whether people may be removed from groups of administrators (default `false`).",
					},
					"include_guests": schema.BoolAttribute{
						Optional:            true,
						MarkdownDescription: "Whether guests are downloaded too (default `false`). They hold no paid seat.",
					},
					"activity_source": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "What counts as activity: `content` (default), what people create and change; or `admin`, " +
							"when they last visited, which needs `admin_api_key` on the connection and `organization_id`.",
						Validators: []validator.String{stringvalidator.OneOf("content", "admin")},
					},
					"organization_id": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Id of the Atlassian organisation, from `https://admin.atlassian.com/o/ID`.",
						Validators:          []validator.String{stringvalidator.LengthBetween(1, 100)},
					},
				},
			},
		},
	}
}
