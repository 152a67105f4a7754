# Open this address as a Trello Enterprise admin: it shows the token once.
output "open_this" {
  value = provider::servicenowsam::trello_authorization_url("0123456789abcdef0123456789abcdef", true)
}
