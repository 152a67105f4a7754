# Reclaims the licences that approved.csv names, as far as they are still candidates.

terraform {
  required_providers {
    servicenowsam = { source = "servicenowsam/servicenowsam" }
  }

  backend "s3" {
    bucket       = "example-terraform-state"
    key          = "licences/reclaim.tfstate"
    region       = "eu-central-1"
    use_lockfile = true
  }
}

variable "profile_id" {
  type        = string
  description = "sys_id of the integration profile."
}

provider "servicenowsam" {
  reclamation_policy = {
    # By the vendor's user name: where it hides mail addresses, a mail address could be anybody's.
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
  profile_id     = var.profile_id
  max_removals   = 100
  approved_users = { for row in csvdecode(file("${path.module}/approved.csv")) : row.number => row.user_mark }

  # Who approved and in which run, the environment of the apply says.
  evidence = { reason = "Monthly review of idle licences" }
}
