terraform {
  required_providers {
    servicenowsam = {
      source = "registry.terraform.io/servicenowsam/servicenowsam"
    }
  }
}

# Without ServiceNow: the embedded instance, in an SQLite file beside the root module.
provider "servicenowsam" {
  embedded = {
    database_url = "sqlite:sam.db"
  }

  reclamation_policy = {
    protected_users = [
      { user = "ada@example.com", reason = "On parental leave", expires_on = "2027-06-30" },
    ]
  }
}
