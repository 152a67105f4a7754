# By the sys_id of the profile.
terraform import servicenowsam_license_reclamation.trello 3f2b8a0c6d1e4f7a9b5c2d8e0a1f4b6c
