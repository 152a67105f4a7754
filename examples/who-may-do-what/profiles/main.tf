# Of the platform team: connections, profiles, refreshes. Nothing here takes a licence.

terraform {
  required_version = ">= 1.11"

  required_providers {
    servicenowsam = { source = "registry.terraform.io/servicenowsam/servicenowsam" }
  }
}

variable "trello_url" {
  type        = string
  default     = null
  description = "Address of Trello's API, where it is not the usual one."
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

provider "servicenowsam" {}

resource "servicenowsam_connection_alias" "trello" {
  adopt          = "sn_trello_spoke.Trello_Alias"
  connection_url = var.trello_url

  api_key = {
    key_wo           = var.trello_api_key
    key_wo_version   = 1
    token_wo         = var.trello_api_token
    token_wo_version = 1
  }
}

resource "servicenowsam_integration_profile" "trello" {
  display_name        = "Trello Enterprise"
  profile_type        = "trello_enterprise_subscription"
  connection_alias_id = servicenowsam_connection_alias.trello.id
}

resource "servicenowsam_subscription_sync" "trello" {
  profile_id = servicenowsam_integration_profile.trello.id
}

output "profile_id" {
  value = servicenowsam_integration_profile.trello.id
}
