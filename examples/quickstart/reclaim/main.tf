# Who loses a licence is decided by reading this module's plan. It is a root module of its own, so that the plan of the
# other one stays a clean drift report.

terraform {
  required_providers {
    servicenowsam = { source = "registry.terraform.io/servicenowsam/servicenowsam" }
  }
}

variable "database_url" {
  type        = string
  description = "The same database as the profiles'."
}

variable "profile_ids" {
  type        = map(string)
  description = "sys_id of each integration profile by vendor, an output of the other module."
}

variable "protected_users" {
  type        = list(object({ user = string, reason = string }))
  default     = []
  description = "People who keep their licences whatever the list says."
}

provider "servicenowsam" {
  embedded           = { database_url = var.database_url }
  reclamation_policy = { protected_users = var.protected_users }
}

# Adopting the resource by import lets even the first plan name the people: a create never reclaims.
import {
  for_each = var.profile_ids
  to       = servicenowsam_license_reclamation.vendor[each.key]
  id       = each.value
}

resource "servicenowsam_license_reclamation" "vendor" {
  for_each     = var.profile_ids
  profile_id   = each.value
  max_removals = 25

  evidence = {
    reason           = "Idle seats, November review"
    change_reference = "CHG0031337" # who approved, SERVICENOWSAM_APPROVED_BY says when it is applied
  }
}

output "outcomes" {
  description = "What became of each candidate: numbers by vendor and outcome."
  value = { for vendor, r in servicenowsam_license_reclamation.vendor : vendor => {
    for number, o in r.outcomes : o.outcome => number...
  } }
}
