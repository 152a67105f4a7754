package dictionary

// Stored values of the profile types. ServiceNow publishes the labels; the values follow the pattern of the two that are
// known (microsoft_office_365, crowdstrike_subscription) and are assumed.
const (
	TypeTrello     = "trello_enterprise_subscription"
	TypeAsana      = "asana_subscription"
	TypeConfluence = "confluence_cloud_subscription"
	TypeCustom     = "custom_integration"
)

// Vendors of the profile types.
const (
	VendorTrello     = "trello"
	VendorAsana      = "asana"
	VendorConfluence = "confluence"
)

const defaultLookbackDays = 60

// ReleaseFamilies lists the release families, newest first.
func ReleaseFamilies() []ReleaseFamily { return []ReleaseFamily{Australia, WashingtonDC} }

// Valid tells whether the family is one this package knows.
func (f ReleaseFamily) Valid() bool { return f == Australia || f == WashingtonDC }

// ProfileTypes is the catalogue of integration profile types of a release family. It is nil for an unknown family.
func ProfileTypes(family ReleaseFamily) []ProfileType {
	if !family.Valid() {
		return nil
	}
	types := []ProfileType{trelloType(family), asanaType(family), confluenceType(family), customType(family)}
	for _, entry := range registered {
		types = append(types, entry(family))
	}
	return types
}

var registered []func(ReleaseFamily) ProfileType

// Register adds an entry to the catalogue; its aliases, subflows and product are seeded like those of the others. It is for
// a vendor that lives outside of this package, and called before the catalogue is used: from an init function.
func Register(entry func(ReleaseFamily) ProfileType) { registered = append(registered, entry) }

// ProfileTypeByValue finds a profile type by its stored value.
func ProfileTypeByValue(family ReleaseFamily, value string) (ProfileType, bool) {
	for _, t := range ProfileTypes(family) {
		if t.Value == value {
			return t, true
		}
	}
	return ProfileType{}, false
}

// hasToggles tells whether the family has the two toggles, the vendor configuration field and Validate Connection.
// They came with store app 15.0.8, after Washington DC and Xanadu.
func hasToggles(family ReleaseFamily) bool { return family != WashingtonDC }
