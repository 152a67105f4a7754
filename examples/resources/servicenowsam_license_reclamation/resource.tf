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

  # Only whom the reviewed file names, and only while each number still stands for the person who was reviewed. The data source
  # servicenowsam_removal_candidates writes such a file.
  approved_users    = { for row in csvdecode(file("${path.module}/approved.csv")) : row.number => row.user_mark }
  min_inactive_days = 90

  evidence = {
    reason           = "Idle Trello seats, November review"
    change_reference = "CHG0031337"
    approved_by      = "it-asset-management"
  }
}
