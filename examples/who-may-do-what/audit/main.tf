# Of auditors and of everybody who asks what licences cost: it reads, and has no resources.

terraform {
  required_version = ">= 1.11"

  required_providers {
    servicenowsam = { source = "registry.terraform.io/servicenowsam/servicenowsam" }
  }
}

provider "servicenowsam" {}

data "servicenowsam_license_usage" "all" {}

output "licence_position" {
  value = data.servicenowsam_license_usage.all.total
}
