data "servicenowsam_reclamation_rule" "trello" {
  product = "Trello Enterprise"
}

output "stale_after_days" {
  value = data.servicenowsam_reclamation_rule.trello.last_activity_threshold
}
