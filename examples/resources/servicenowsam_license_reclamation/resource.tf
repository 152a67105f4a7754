data "servicenowsam_integration_profile" "trello" {
  display_name = "Trello Enterprise"
}

# Imported by the profile's id, the first plan names who would lose a licence. A create never reclaims.
import {
  to = servicenowsam_license_reclamation.trello
  id = data.servicenowsam_integration_profile.trello.id
}

resource "servicenowsam_license_reclamation" "trello" {
  profile_id   = data.servicenowsam_integration_profile.trello.id
  max_removals = 25

  evidence = {
    reason           = "Idle Trello seats, November review"
    change_reference = "CHG0031337"
    approved_by      = "it-asset-management"
  }
}
