# Writes the file that people review. It holds no names: the plan of the pull request says who is behind a number.

terraform {
  required_providers {
    servicenowsam = { source = "servicenowsam/servicenowsam" }
  }
}

variable "profile_id" {
  type        = string
  description = "sys_id of the integration profile."
}

provider "servicenowsam" {}

data "servicenowsam_removal_candidates" "proposed" {
  profile_id   = var.profile_id
  states       = ["ready", "awaiting_revocation"]
  redact_users = true
}

output "csv" {
  description = "A row per licence that could be reclaimed, for approved.csv."
  value       = data.servicenowsam_removal_candidates.proposed.csv

  precondition {
    condition     = length(data.servicenowsam_removal_candidates.proposed.candidates) == data.servicenowsam_removal_candidates.proposed.total_count
    error_message = "There are more candidates than rows were read. Raise limit of the data source."
  }
}

output "markdown" {
  description = "The same as a table, for the pull request."
  value       = data.servicenowsam_removal_candidates.proposed.markdown
}
