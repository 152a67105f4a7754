variable "trello_url" {
  type        = string
  default     = null
  description = "Trello's API. Leave it out for the real one."
}

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

resource "servicenowsam_connection_alias" "trello" {
  adopt           = "sn_trello_spoke.Trello_Alias"
  connection_name = "Trello Enterprise"
  connection_url  = var.trello_url

  api_key = {
    key_wo           = var.trello_api_key
    key_wo_version   = 1
    token_wo         = var.trello_api_token
    token_wo_version = 1
  }
}

resource "servicenowsam_integration_profile" "trello" {
  display_name          = "Trello Enterprise"
  profile_type          = "trello_enterprise_subscription"
  connection_alias_id   = servicenowsam_connection_alias.trello.id
  reclaim_subscriptions = true
}
