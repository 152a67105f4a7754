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

# The alias that the Trello spoke ships. The secrets are write-only: raise a version to send new ones.
resource "servicenowsam_connection_alias" "trello" {
  adopt           = "sn_trello_spoke.Trello_Alias"
  connection_name = "Trello Enterprise"

  api_key = {
    key_wo           = var.trello_api_key
    key_wo_version   = 1
    token_wo         = var.trello_api_token
    token_wo_version = 1
  }
}

# A second profile of the same type needs an alias of its own.
resource "servicenowsam_connection_alias" "trello_emea" {
  name         = "Trello_EMEA"
  profile_type = "trello_enterprise_subscription"

  api_key = {
    key_wo           = var.trello_api_key
    key_wo_version   = 1
    token_wo         = var.trello_api_token
    token_wo_version = 1
  }
}
