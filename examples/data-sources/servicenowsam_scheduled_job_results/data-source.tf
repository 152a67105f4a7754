data "servicenowsam_integration_profile" "trello" {
  display_name = "Trello Enterprise"
}

data "servicenowsam_scheduled_job_results" "trello" {
  profile_id = data.servicenowsam_integration_profile.trello.id
  limit      = 10
}

output "failed_runs" {
  value = [for r in data.servicenowsam_scheduled_job_results.trello.results : r.number if r.status == "failed"]
}
