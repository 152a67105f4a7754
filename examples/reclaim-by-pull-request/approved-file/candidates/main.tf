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

data "servicenowsam_removal_candidates" "ready" {
  profile_id   = var.profile_id
  states       = ["ready"]
  redact_users = true
}

output "csv" {
  description = "A row per licence that could be reclaimed."
  value = join("", concat(
    ["number,user_mark,product,justification,inactive_days,potential_savings\n"],
    [for c in data.servicenowsam_removal_candidates.ready.candidates : format("%s,%s,\"%s\",%s,%s,%s\n",
      c.number, c.user_mark, replace(c.product, "\"", "\"\""), c.justification, c.inactive_days == null ? "" : c.inactive_days,
    c.potential_savings == null ? "" : c.potential_savings)],
  ))

  precondition {
    condition     = length(data.servicenowsam_removal_candidates.ready.candidates) == data.servicenowsam_removal_candidates.ready.total_count
    error_message = "There are more candidates than rows were read. Raise limit of the data source."
  }
}
