data "servicenowsam_integration_profile" "trello" {
  display_name = "Trello Enterprise"
}

# terraform apply -invoke=action.servicenowsam_license_reclamation.trello
action "servicenowsam_license_reclamation" "trello" {
  config {
    profile_id   = data.servicenowsam_integration_profile.trello.id
    candidates   = ["RCC0000001", "RCC0000002"]
    max_removals = 2

    evidence = {
      reason           = "Left the design team"
      change_reference = "CHG0031337"
    }
  }
}
