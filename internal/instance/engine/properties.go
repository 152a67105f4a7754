package engine

import (
	"encoding/json"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

// Keys of the profile's custom_properties that the engine maintains; see companion.CustomProperties.
const (
	propertyValidatedOn    = "connection_validated_on"
	propertyResolvedGroups = "resolved_group_ids"
)

// parseProperties reads the custom_properties of a profile. Empty text is no properties.
func parseProperties(text string) (companion.CustomProperties, error) {
	var p companion.CustomProperties
	if text == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("custom_properties is not a JSON object with vendor_config of strings: %w", err)
	}
	return p, nil
}

// withValidatedOn sets or, with an empty time, removes the time of the last successful validation. Other keys stay.
func withValidatedOn(text, validatedOn string) (string, error) {
	return withProperty(text, propertyValidatedOn, validatedOn)
}

// withProperty sets or, with an empty value, removes a key. Other keys stay.
func withProperty(text, key, value string) (string, error) {
	properties := map[string]json.RawMessage{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &properties); err != nil {
			return "", fmt.Errorf("custom_properties is not a JSON object: %w", err)
		}
	}
	if _, there := properties[key]; !there && value == "" {
		return text, nil
	}
	if value == "" {
		delete(properties, key)
	} else {
		properties[key], _ = json.Marshal(value)
	}
	if len(properties) == 0 {
		return "", nil
	}
	out, err := json.Marshal(properties)
	return string(out), err
}
