# A list of profiles, and a module that makes each.

terraform {
  required_version = ">= 1.11"

  required_providers {
    servicenowsam = { source = "registry.terraform.io/servicenowsam/servicenowsam" }
  }
}

variable "tokens" {
  type        = map(string)
  ephemeral   = true
  sensitive   = true
  description = "Bearer token by the name of the profile."
}

provider "servicenowsam" {
  embedded = { database_url = "sqlite:/srv/sam/sam.db" }
}

locals {
  profiles = {
    Asana_EMEA = {
      parent = "sn_asana_spoke.Asana"
      type   = "asana_subscription"
    }
    Asana_US = {
      parent  = "sn_asana_spoke.Asana"
      type    = "asana_subscription"
      reclaim = false
    }
    Confluence_Wiki = {
      parent = "sn_conflunce_spoke.Confluence_Cloud"
      type   = "confluence_cloud_subscription"
      url    = "https://api.atlassian.com/ex/confluence/11111111-2222-4333-8444-555555555555"
    }
  }
}

module "profile" {
  source   = "./profile"
  for_each = local.profiles

  name    = each.key
  parent  = each.value.parent
  type    = each.value.type
  url     = lookup(each.value, "url", null)
  reclaim = lookup(each.value, "reclaim", true)
  token   = var.tokens[each.key]
}

output "profile_ids" {
  value = { for name, profile in module.profile : name => profile.id }
}
