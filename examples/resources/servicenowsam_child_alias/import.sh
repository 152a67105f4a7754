# By the full id of the alias, or by its sys_id. The secrets cannot be read: the next apply sends those of the configuration.
terraform import servicenowsam_child_alias.emea sn_trello_spoke.Trello_EMEA
