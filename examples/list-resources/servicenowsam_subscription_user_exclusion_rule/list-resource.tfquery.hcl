# terraform query -generate-config-out=exclusions.tf
list "servicenowsam_subscription_user_exclusion_rule" "active" {
  provider = servicenowsam

  config {
    active = true
  }
}
