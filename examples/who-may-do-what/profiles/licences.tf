# Of the licence managers: who counts as idle, and what the licences cost.

resource "servicenowsam_reclamation_rule" "trello" {
  profile_type            = servicenowsam_integration_profile.trello.profile_type
  last_activity_threshold = 90
}

resource "servicenowsam_software_entitlement" "trello" {
  display_name        = "Trello Enterprise, contract 4711"
  product             = "Trello Enterprise"
  purchased_rights    = 300
  unit_cost           = "210.00"
  subscription_period = "entire"
  start_date          = "2026-01-01"

  depends_on = [servicenowsam_integration_profile.trello]
}
