variable "trello_api_key" {
  type      = string
  ephemeral = true
  sensitive = true
}

variable "trello_api_token" {
  type      = string
  ephemeral = true
  sensitive = true
}

# A second Trello Enterprise has a connection of its own, below the alias that the spoke ships.
resource "servicenowsam_child_alias" "emea" {
  parent          = "sn_trello_spoke.Trello_Alias"
  name            = "Trello_EMEA"
  connection_name = "Trello Enterprise EMEA"

  api_key = {
    key_wo           = var.trello_api_key
    key_wo_version   = 1
    token_wo         = var.trello_api_token
    token_wo_version = 1
  }
}

resource "servicenowsam_integration_profile" "emea" {
  display_name        = "Trello Enterprise EMEA"
  profile_type        = "trello_enterprise_subscription"
  connection_alias_id = servicenowsam_child_alias.emea.id
}
