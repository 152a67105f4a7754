# terraform query -generate-config-out=resolution.tf
list "servicenowsam_user_resolution_rule" "active" {
  provider = servicenowsam

  config {
    active = true
  }
}
