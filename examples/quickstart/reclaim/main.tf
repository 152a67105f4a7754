# Who loses a licence is decided by reading this module's plan. It is a root module of its own, so that the plan of the
# other one stays a clean drift report.

terraform {
  required_providers {
    servicenowsam = { source = "registry.terraform.io/servicenowsam/servicenowsam" }
  }
}

variable "database_url" {
  type        = string
  description = "The same database as the profile's."
}

variable "profile_id" {
  type        = string
  description = "sys_id of the integration profile, an output of the other module."
}

variable "protected_users" {
  type        = list(object({ user = string, reason = string }))
  default     = []
  description = "People who keep their licence whatever the list says."
}

provider "servicenowsam" {
  embedded           = { database_url = var.database_url }
  reclamation_policy = { protected_users = var.protected_users }
}

# Adopting the resource by import lets even the first plan name the people: a create never reclaims.
import {
  to = servicenowsam_license_reclamation.trello
  id = var.profile_id
}

resource "servicenowsam_license_reclamation" "trello" {
  profile_id   = var.profile_id
  max_removals = 25

  evidence = {
    reason           = "Idle Trello seats, November review"
    change_reference = "CHG0031337"
    approved_by      = "it-asset-management"
  }
}

output "outcomes" {
  value = servicenowsam_license_reclamation.trello.outcomes
}
