# By the sys_id of the rule.
terraform import servicenowsam_subscription_user_exclusion_rule.backup 3c1f0f6a9b215d1e4f7a9b5c2d8e0a1f
