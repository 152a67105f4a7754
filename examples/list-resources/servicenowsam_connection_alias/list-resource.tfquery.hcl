# terraform query -generate-config-out=aliases.tf
list "servicenowsam_connection_alias" "trello" {
  provider = servicenowsam

  config {
    profile_type = "trello_enterprise_subscription"
  }
}
