# Who pays for which seats, and which of them are used: for each vendor a connection, an integration profile and a refresh.
# The same configuration manages real tenants: leave the URLs of Trello and Asana out, and give real credentials.

terraform {
  required_providers {
    servicenowsam = { source = "registry.terraform.io/servicenowsam/servicenowsam" }
  }
}

variable "database_url" {
  type        = string
  description = "Where the embedded instance keeps its database, such as sqlite:/srv/sam/sam.db."
}

provider "servicenowsam" {
  embedded = { database_url = var.database_url }
}

locals {
  profiles = {
    trello     = servicenowsam_integration_profile.trello.id
    asana      = servicenowsam_integration_profile.asana.id
    confluence = servicenowsam_integration_profile.confluence.id
  }
}

resource "servicenowsam_subscription_sync" "vendor" {
  for_each   = local.profiles
  profile_id = each.value
}

data "servicenowsam_software_subscriptions" "vendor" {
  for_each   = local.profiles
  profile_id = each.value
  depends_on = [servicenowsam_subscription_sync.vendor]
}

output "profile_ids" {
  value = local.profiles
}

output "refreshes" {
  value = { for vendor, run in servicenowsam_subscription_sync.vendor : vendor => {
    downloaded        = run.downloaded
    activity_method   = run.activity_method
    candidates_opened = run.candidates_opened
  } }
}

output "seats" {
  description = "Seats in use, by the time since their holder was last seen."
  value = { for vendor, list in data.servicenowsam_software_subscriptions.vendor : vendor => {
    total   = list.total_count
    buckets = list.buckets
  } }
}
