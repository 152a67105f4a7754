data "servicenowsam_integration_profile" "trello" {
  display_name = "Trello Enterprise"
}

data "servicenowsam_reclamation_runs" "november" {
  profile_id = data.servicenowsam_integration_profile.trello.id
  kind       = "reclaim"
  from       = "2026-11-01"
  to         = "2026-11-30"
}

output "saved" {
  value = data.servicenowsam_reclamation_runs.november.savings # such as { EUR = "1250.5" }
}

output "unexplained" {
  value = [for r in data.servicenowsam_reclamation_runs.november.runs : r.number if r.evidence.change_reference == null]
}
