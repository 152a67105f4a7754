data "servicenowsam_integration_profile" "trello" {
  display_name = "Trello Enterprise"
}

# terraform apply -invoke=action.servicenowsam_subscription_sync.trello
action "servicenowsam_subscription_sync" "trello" {
  config {
    profile_id           = data.servicenowsam_integration_profile.trello.id
    max_removal_fraction = 0.2
    timeouts             = { invoke = "30m" }
  }
}
