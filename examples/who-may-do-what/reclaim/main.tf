# Of the licence managers: every apply of this module is a decision about people, see the guide "Reclaim by pull request".

terraform {
  required_version = ">= 1.11"

  required_providers {
    servicenowsam = { source = "registry.terraform.io/servicenowsam/servicenowsam" }
  }
}

variable "profile_id" {
  type        = string
  description = "sys_id of the integration profile, an output of the profiles' module."
}

provider "servicenowsam" {
  reclamation_policy = {
    protected_users = [
      { user = "emilia", reason = "on parental leave", expires_on = "2027-12-31" },
    ]
  }
}

import {
  to = servicenowsam_license_reclamation.trello
  id = var.profile_id
}

resource "servicenowsam_license_reclamation" "trello" {
  profile_id   = var.profile_id
  max_removals = 25
  evidence     = { reason = "Monthly review of idle licences" }
}
