# By the sys_id of the entitlement.
terraform import servicenowsam_software_entitlement.trello_2026 5d1e4f7a9b5c2d8e0a1f4b6c3f2b8a0c
