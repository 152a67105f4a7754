# By the sys_id of the rule.
terraform import servicenowsam_user_resolution_rule.acquired 5d1e4f7a9b5c2d8e0a1f4b6c3f2b8a0c
