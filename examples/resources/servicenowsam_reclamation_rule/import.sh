# By the name of the product, or by the sys_id of the rule.
terraform import servicenowsam_reclamation_rule.trello "Trello Enterprise"
