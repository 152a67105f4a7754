package dictionary

// customType is the profile type for vendors that ServiceNow does not know. The customer brings the subflows and the
// alias, so both are chosen on the profile and nothing has a default.
func customType(family ReleaseFamily) ProfileType {
	return ProfileType{
		Value:           TypeCustom,
		Label:           "Custom Integration",
		CoreChoice:      "Custom",
		WorkspaceChoice: "Custom",
		Subflows:        map[Process]string{},
		ActivitySubflow: true,
		ActivityMeans:   "whatever the activity subflow of the profile reports",
		ReclaimEffect:   "whatever the reclaim subflow of the profile does at the vendor",
		RestoreEffect:   "nothing comes back by itself: undo by hand at the vendor what the reclaim subflow did",
		RestoreByHand:   "Undo at the vendor what the reclaim subflow of the profile did.",
		LookbackDays:    defaultLookbackDays,
		ThresholdDays:   DefaultThresholdDays,
		Toggles:         hasToggles(family),
		Certainty:       Doc,
		Source:          "create-integration-custom.md, publish-integration-custom.md; the stored value is assumed",
	}
}
