data "servicenowsam_connection_alias" "trello" {
  alias_id = "sn_trello_spoke.Trello_Alias"
}

output "alias_sys_id" {
  value = data.servicenowsam_connection_alias.trello.id
}
