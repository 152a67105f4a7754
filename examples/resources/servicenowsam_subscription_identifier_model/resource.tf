data "servicenowsam_software_models" "trello" {
  product = "Trello Enterprise"
}

# A plan that the content library does not know yet counts as Trello Enterprise.
resource "servicenowsam_subscription_identifier_model" "trello_legacy" {
  subscription_identifier = "TRELLO-LEGACY"
  software_model_id       = one(data.servicenowsam_software_models.trello.software_models).id
}
