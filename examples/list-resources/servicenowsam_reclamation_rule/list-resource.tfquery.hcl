# terraform query -generate-config-out=rules.tf
list "servicenowsam_reclamation_rule" "all" {
  provider = servicenowsam
}
