data "servicenowsam_profile_types" "all" {}

output "installed" {
  value = [for t in data.servicenowsam_profile_types.all.profile_types : t.value if t.installed]
}
