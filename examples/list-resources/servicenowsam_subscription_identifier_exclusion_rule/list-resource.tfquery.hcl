# terraform query -generate-config-out=exclusions.tf
list "servicenowsam_subscription_identifier_exclusion_rule" "active" {
  provider = servicenowsam

  config {
    active = true
  }
}
