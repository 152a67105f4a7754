data "servicenowsam_software_entitlement" "trello" {
  display_name = "Trello Enterprise 2025"
}

output "active_rights" {
  value = data.servicenowsam_software_entitlement.trello.active_rights
}
