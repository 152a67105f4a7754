# Plans every licence that can be reclaimed. The saved plan is what people approve.

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

provider "servicenowsam" {}

import {
  to = servicenowsam_license_reclamation.trello
  id = var.profile_id
}

resource "servicenowsam_license_reclamation" "trello" {
  profile_id   = var.profile_id
  max_removals = 25
  max_plan_age = "72h" # the time that reviewers have

  # Who approved and in which run, the environment of the apply says.
  evidence = { reason = "Monthly review of idle licences" }
}
