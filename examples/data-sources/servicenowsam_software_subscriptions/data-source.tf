data "servicenowsam_integration_profile" "trello" {
  display_name = "Trello Enterprise"
}

# Seats whose holders were away for a month or longer, without their names.
data "servicenowsam_software_subscriptions" "idle" {
  profile_id        = data.servicenowsam_integration_profile.trello.id
  min_inactive_days = 30
  redact_users      = true
}

output "idle_seats" {
  value = data.servicenowsam_software_subscriptions.idle.total_count
}
