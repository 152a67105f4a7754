# terraform apply -invoke=action.servicenowsam_reconciliation.trello
action "servicenowsam_reconciliation" "trello" {
  config {
    publisher = "Atlassian"
    timeouts  = { invoke = "30m" }
  }
}
