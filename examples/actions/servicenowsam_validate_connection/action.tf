data "servicenowsam_integration_profile" "trello" {
  display_name = "Trello Enterprise"
}

# After a rotation of the key:
# terraform apply -invoke=action.servicenowsam_validate_connection.trello
action "servicenowsam_validate_connection" "trello" {
  config {
    profile_id = data.servicenowsam_integration_profile.trello.id
  }
}
