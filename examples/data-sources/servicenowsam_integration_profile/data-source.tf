data "servicenowsam_integration_profile" "trello" {
  display_name = "Trello Enterprise"
}

output "status" {
  value = data.servicenowsam_integration_profile.trello.status
}
