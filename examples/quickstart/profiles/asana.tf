variable "asana_url" {
  type        = string
  default     = null
  description = "Asana's API. Leave it out for the real one."
}

variable "asana_token" {
  type        = string
  ephemeral   = true
  sensitive   = true
  description = "Token of a service account. An admin's own token works too, but does not see all activity."
}

resource "servicenowsam_connection_alias" "asana" {
  adopt           = "sn_asana_spoke.Asana"
  connection_name = "Asana"
  connection_url  = var.asana_url

  token = {
    token_wo         = var.asana_token
    token_wo_version = 1
  }
}

resource "servicenowsam_integration_profile" "asana" {
  display_name        = "Asana"
  profile_type        = "asana_subscription"
  connection_alias_id = servicenowsam_connection_alias.asana.id
}
