variable "confluence_url" {
  type        = string
  description = "https://api.atlassian.com/ex/confluence/<Cloud-ID>."
}

variable "confluence_token" {
  type        = string
  ephemeral   = true
  sensitive   = true
  description = "API token of a service account."
}

variable "confluence_admin_api_key" {
  type        = string
  ephemeral   = true
  sensitive   = true
  description = "API key of the organisation: it tells when people joined, so that the idle ones are known from the first day."
}

variable "confluence_organization_id" {
  type = string
}

resource "servicenowsam_connection_alias" "confluence" {
  adopt           = "sn_conflunce_spoke.confluence_subscription_activity_reclaim"
  connection_name = "Confluence Cloud"
  connection_url  = var.confluence_url

  token = {
    token_wo         = var.confluence_token
    token_wo_version = 1
  }
  admin_api_key = {
    key_wo         = var.confluence_admin_api_key
    key_wo_version = 1
  }
}

resource "servicenowsam_integration_profile" "confluence" {
  display_name        = "Confluence Cloud"
  profile_type        = "confluence_cloud_subscription"
  connection_alias_id = servicenowsam_connection_alias.confluence.id

  vendor_config = {
    confluence = { organization_id = var.confluence_organization_id }
  }
}
