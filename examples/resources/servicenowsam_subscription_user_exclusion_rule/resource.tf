# A technical account is left out of metering and cost figures, at all vendors. It can still be reclaimed: what protects it is
# protected_users in the reclamation_policy of the provider.
resource "servicenowsam_subscription_user_exclusion_rule" "backup" {
  user_principal_name = "backup-service@example.com"
}

# The same, at one vendor.
resource "servicenowsam_subscription_user_exclusion_rule" "importer" {
  user_principal_name = "importer@example.com"
  profile_type        = "trello_enterprise_subscription"
}
