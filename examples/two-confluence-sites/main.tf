# Two Confluence sites: each has a connection of its own below the spoke's parent alias, and a profile.

terraform {
  required_version = ">= 1.11"

  required_providers {
    servicenowsam = { source = "registry.terraform.io/servicenowsam/servicenowsam" }
  }
}

variable "confluence_token" {
  type        = string
  ephemeral   = true
  sensitive   = true
  description = "API token of a service account with access to both sites."
}

provider "servicenowsam" {
  embedded = { database_url = "sqlite:/srv/sam/sam.db" }
}

locals {
  sites = {
    engineering = "https://admin.atlassian.com/o/8b1c52d0/products/conf/11111111-2222-4333-8444-555555555555"
    sales       = "https://admin.atlassian.com/o/8b1c52d0/products/conf/66666666-7777-4888-9999-000000000000"
  }
}

resource "servicenowsam_child_alias" "site" {
  for_each = local.sites

  parent          = "sn_conflunce_spoke.Confluence_Cloud"
  name            = "Confluence_${each.key}"
  connection_name = "Confluence ${each.key}"
  connection_url  = "https://api.atlassian.com/ex/confluence/${provider::servicenowsam::cloud_id(each.value)}"

  token = {
    token_wo         = var.confluence_token
    token_wo_version = 1
  }
}

resource "servicenowsam_integration_profile" "site" {
  for_each = local.sites

  display_name           = "Confluence ${each.key}"
  profile_type           = "confluence_cloud_subscription"
  connection_alias_id    = servicenowsam_child_alias.site[each.key].id
  activity_lookback_days = 60
}
