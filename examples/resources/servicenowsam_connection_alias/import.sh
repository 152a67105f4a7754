# By the id of the alias, or by its sys_id. The secrets cannot be read: the next apply sends those of the configuration.
terraform import servicenowsam_connection_alias.trello sn_trello_spoke.Trello_Alias
