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
    max_removals_per_day     = 50
    require_change_reference = true

    protected_users = [
      { user = "ada@example.com", reason = "On parental leave", expires_on = "2027-06-30" },
    ]
    freeze_windows = [
      { reason = "Year-end close", from = "2026-12-18T00:00:00Z", to = "2027-01-04T00:00:00Z" },
      { reason = "Nobody is there to help", days = ["saturday", "sunday"], timezone = "Europe/Berlin" },
    ]
  }
}
