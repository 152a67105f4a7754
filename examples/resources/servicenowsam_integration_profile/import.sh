# By display name, or by the sys_id of the profile.
terraform import servicenowsam_integration_profile.trello "name:Trello Enterprise"
