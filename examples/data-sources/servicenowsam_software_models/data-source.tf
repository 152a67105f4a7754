data "servicenowsam_software_models" "trello" {
  publisher = "Atlassian"
}

output "trello_models" {
  value = { for m in data.servicenowsam_software_models.trello.software_models : m.display_name => m.id }
}
