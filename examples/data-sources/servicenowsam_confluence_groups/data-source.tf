variable "confluence_token" {
  type      = string
  ephemeral = true
  sensitive = true
}

resource "servicenowsam_connection_alias" "confluence" {
  adopt          = "sn_conflunce_spoke.confluence_subscription_activity_reclaim"
  connection_url = "https://api.atlassian.com/ex/confluence/11111111-2222-4333-8444-555555555555"

  token = {
    token_wo         = var.confluence_token
    token_wo_version = 1
  }
}

data "servicenowsam_confluence_groups" "access" {
  connection_alias_id = servicenowsam_connection_alias.confluence.id
  access_only         = true
}

output "groups" {
  value = { for g in data.servicenowsam_confluence_groups.access.groups : g.name => g.id }
}
