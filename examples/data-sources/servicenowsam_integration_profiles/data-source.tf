data "servicenowsam_integration_profiles" "all" {}

output "profiles" {
  value = { for p in data.servicenowsam_integration_profiles.all.profiles : p.display_name => p.status }
}
