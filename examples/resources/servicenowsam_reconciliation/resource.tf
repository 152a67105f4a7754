data "servicenowsam_software_entitlement" "trello" {
  display_name = "Trello Enterprise 2025"
}

# Reconciles on create, when the entitlement changes, and when the last good run is older than a week.
resource "servicenowsam_reconciliation" "atlassian" {
  publisher = "Atlassian"
  max_age   = "168h"

  triggers = {
    rights = data.servicenowsam_software_entitlement.trello.active_rights
    cost   = data.servicenowsam_software_entitlement.trello.unit_cost
  }
}

output "true_up_cost" {
  value = "${servicenowsam_reconciliation.atlassian.true_up_cost} ${servicenowsam_reconciliation.atlassian.currency}"
}
