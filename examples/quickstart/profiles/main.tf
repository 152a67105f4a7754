# Who pays for Trello seats, and which of them are used: a connection, an integration profile and a refresh.
# The same configuration manages a real enterprise: leave connection_url out, and give a real key and token.

terraform {
  required_providers {
    servicenowsam = { source = "registry.terraform.io/servicenowsam/servicenowsam" }
  }
}

variable "database_url" {
  type        = string
  description = "Where the embedded instance keeps its database, such as sqlite:/srv/sam/sam.db."
}

variable "connection_url" {
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

provider "servicenowsam" {
  embedded = { database_url = var.database_url }
}

resource "servicenowsam_connection_alias" "trello" {
  adopt           = "sn_trello_spoke.Trello_Alias"
  connection_name = "Trello Enterprise"
  connection_url  = var.connection_url

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

resource "servicenowsam_subscription_sync" "trello" {
  profile_id = servicenowsam_integration_profile.trello.id
}

data "servicenowsam_software_subscriptions" "trello" {
  profile_id = servicenowsam_subscription_sync.trello.profile_id
  depends_on = [servicenowsam_subscription_sync.trello]
}

output "profile_id" {
  value = servicenowsam_integration_profile.trello.id
}

output "refresh" {
  value = {
    status            = servicenowsam_subscription_sync.trello.status
    downloaded        = servicenowsam_subscription_sync.trello.downloaded
    candidates_opened = servicenowsam_subscription_sync.trello.candidates_opened
  }
}

output "seats" {
  description = "Seats in use, by the time since their holder was last seen."
  value = {
    total   = data.servicenowsam_software_subscriptions.trello.total_count
    buckets = data.servicenowsam_software_subscriptions.trello.buckets
  }
}
