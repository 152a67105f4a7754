# terraform query -generate-config-out=children.tf
list "servicenowsam_child_alias" "trello" {
  provider = servicenowsam

  config {
    parent_alias_id = "sn_trello_spoke.Trello_Alias"
  }
}
