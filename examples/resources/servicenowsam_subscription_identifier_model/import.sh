# By the identifier, or by the sys_id of its record.
terraform import servicenowsam_subscription_identifier_model.trello_legacy TRELLO-LEGACY
