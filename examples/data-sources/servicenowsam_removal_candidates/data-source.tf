data "servicenowsam_integration_profile" "trello" {
  display_name = "Trello Enterprise"
}

data "servicenowsam_removal_candidates" "trello" {
  profile_id = data.servicenowsam_integration_profile.trello.id
  limit      = 100
}

output "open_candidates" {
  value = data.servicenowsam_removal_candidates.trello.total_count
}

# terraform output -raw csv > approved.csv
output "csv" {
  value = data.servicenowsam_removal_candidates.trello.csv
}
