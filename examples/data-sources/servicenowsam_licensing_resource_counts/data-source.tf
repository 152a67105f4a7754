data "servicenowsam_licensing_resource_counts" "saas_users" {
  resource_category = "SaaS Subscription User"
}

output "subscription_units" {
  value = {
    for c in data.servicenowsam_licensing_resource_counts.saas_users.counts : c.application => {
      users    = c.resource_count
      excluded = c.excluded_count
      units    = c.subscription_units
    }
  }
}
