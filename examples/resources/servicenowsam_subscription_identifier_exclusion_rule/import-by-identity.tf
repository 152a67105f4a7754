import {
  to = servicenowsam_subscription_identifier_exclusion_rule.trello

  identity = {
    instance = "0f8b1c52-6d0e-4a57-9f5e-3c1f0f6a9b21"
    sys_id   = "3c1f0f6a9b215d1e4f7a9b5c2d8e0a1f"
  }
}
