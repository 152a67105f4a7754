# terraform query -generate-config-out=entitlements.tf
list "servicenowsam_software_entitlement" "in_use" {
  provider = servicenowsam

  config {
    state = "in_use"
  }
}
