# terraform query -generate-config-out=profiles.tf
list "servicenowsam_integration_profile" "published" {
  provider = servicenowsam
  limit    = 500

  config {
    status        = "published"
    name_contains = "Trello"
  }
}
