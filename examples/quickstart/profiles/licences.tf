# What was bought, who counts as idle, and what follows from both: the licence position.

locals {
  contracts = {
    trello     = { product = "Trello Enterprise", rights = 40, unit_cost = "210.00" }
    asana      = { product = "Asana", rights = 35, unit_cost = "131.88" }
    confluence = { product = "Confluence Cloud", rights = 30, unit_cost = "61.92" }
  }
}

resource "servicenowsam_software_entitlement" "contract" {
  for_each         = local.contracts
  display_name     = "${each.value.product}, all offices"
  product          = each.value.product
  purchased_rights = each.value.rights
  unit_cost        = each.value.unit_cost
  currency         = "USD"
  start_date       = "2026-01-01"

  # Publishing a profile makes the software model that the rights are for.
  depends_on = [
    servicenowsam_integration_profile.trello, servicenowsam_integration_profile.asana, servicenowsam_integration_profile.confluence,
  ]
}

resource "servicenowsam_reclamation_rule" "trello" {
  profile_type            = servicenowsam_integration_profile.trello.profile_type
  last_activity_threshold = 60
}

resource "servicenowsam_reconciliation" "all" {
  triggers = {
    refreshes = join(",", [for run in servicenowsam_subscription_sync.vendor : run.finished_at])
    contracts = jsonencode(local.contracts)
  }

  depends_on = [servicenowsam_software_entitlement.contract]
}

data "servicenowsam_license_usage" "all" {
  depends_on = [servicenowsam_reconciliation.all]
}

output "licence_position" {
  description = "What is owned and used, what is idle, and what that costs."
  value = {
    currency = data.servicenowsam_license_usage.all.currency
    products = [for p in data.servicenowsam_license_usage.all.products : {
      name         = p.product, owned = p.owned, assigned = p.assigned, used = p.used, available = p.available, stale = p.stale, needed = p.needed,
      true_up_cost = p.true_up_cost, total_spend = p.total_spend, potential_savings = p.potential_savings, actual_savings = p.actual_savings
    }]
  }
}
