# People log in at the vendor with the addresses of a company that was bought.
resource "servicenowsam_user_resolution_rule" "acquired" {
  name        = "Acquired company"
  transform   = "replace_domain"
  domain_from = "acquired.example"
  domain_to   = "example.com"
}

# User ids are the mail addresses without their domain.
resource "servicenowsam_user_resolution_rule" "short_ids" {
  name         = "Short user ids"
  transform    = "remove_domain"
  lookup_field = "user_name"
  order        = 200
}
