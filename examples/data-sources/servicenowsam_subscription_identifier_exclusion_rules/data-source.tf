data "servicenowsam_subscription_identifier_exclusion_rules" "trello" {
  profile_type = "trello_enterprise_subscription"
}

output "excluded_identifiers" {
  value = [for r in data.servicenowsam_subscription_identifier_exclusion_rules.trello.rules : r.subscription_identifier if r.active]
}
