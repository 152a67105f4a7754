# terraform query -generate-config-out=identifiers.tf
list "servicenowsam_subscription_identifier_model" "all" {
  provider = servicenowsam
}
