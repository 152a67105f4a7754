# What vendors delivered and nobody has a software model for.
data "servicenowsam_unrecognized_subscription_identifiers" "open" {
  assigned = false
}

output "unrecognized" {
  value = {
    for i in data.servicenowsam_unrecognized_subscription_identifiers.open.identifiers :
    i.subscription_identifier => i.number_of_subscriptions
  }
}
