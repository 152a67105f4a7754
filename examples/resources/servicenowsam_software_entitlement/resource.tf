# The software model is there once a profile of the product is published.
resource "servicenowsam_software_entitlement" "trello_2026" {
  display_name        = "Trello Enterprise 2026"
  product             = "Trello Enterprise"
  purchased_rights    = 300
  unit_cost           = 240
  currency            = "USD"
  subscription_period = "annually"
  start_date          = "2026-01-01"
  end_date            = "2026-12-31"
}
