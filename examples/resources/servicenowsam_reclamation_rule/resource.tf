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
  adopt = "sn_trello_spoke.Trello_Alias"

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

# Publishing the profile makes the rule. The reference makes Terraform wait for it.
resource "servicenowsam_reclamation_rule" "trello" {
  profile_type            = servicenowsam_integration_profile.trello.profile_type
  last_activity_threshold = 90
  assignment_group        = "Software managers"
}
