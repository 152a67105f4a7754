data "servicenowsam_integration_profile" "trello" {
  display_name = "Trello Enterprise"
}

# Refreshes on create, when a trigger changes, and when the last good run is older than a day.
resource "servicenowsam_subscription_sync" "trello" {
  profile_id = data.servicenowsam_integration_profile.trello.id
  max_age    = "24h"

  triggers = {
    threshold_review = "2026-11"
  }
}
