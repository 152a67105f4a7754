data "servicenowsam_subscription_user_exclusion_rules" "all" {}

output "excluded_users" {
  value = length([for r in data.servicenowsam_subscription_user_exclusion_rules.all.rules : r.id if r.active])
}
