# Everybody with a Trello licence is left out of metering and cost figures. They can still be reclaimed.
resource "servicenowsam_subscription_identifier_exclusion_rule" "trello" {
  subscription_identifier = "Trello Enterprise"
  profile_type            = "trello_enterprise_subscription"
}
