data "servicenowsam_license_usage" "all" {}

output "licence_position" {
  value = {
    currency = data.servicenowsam_license_usage.all.currency
    products = {
      for p in data.servicenowsam_license_usage.all.products : coalesce(p.product, "not recognized") => {
        owned             = p.owned
        assigned          = p.assigned
        needed            = p.needed
        true_up_cost      = p.true_up_cost
        stale             = p.stale
        potential_savings = p.potential_savings
        actual_savings    = p.actual_savings
      }
    }
  }
}

output "savings_by_cost_center" {
  value = {
    for c in data.servicenowsam_license_usage.all.cost_centers : coalesce(c.cost_center, "none") => c.potential_savings
  }
}
