import {
  to = servicenowsam_user_resolution_rule.acquired

  identity = {
    instance = "0f8b1c52-6d0e-4a57-9f5e-3c1f0f6a9b21"
    sys_id   = "5d1e4f7a9b5c2d8e0a1f4b6c3f2b8a0c"
  }
}
