terraform {
  required_providers {
    servicenowsam = { source = "registry.terraform.io/servicenowsam/servicenowsam" }
  }
}

variable "name" {
  type = string
}

variable "parent" {
  type        = string
  description = "Full id of the alias that the vendor's spoke ships."
}

variable "type" {
  type = string
}

variable "url" {
  type        = string
  default     = null
  description = "Connection URL. Leave it out where the vendor has one for everybody."
}

variable "reclaim" {
  type    = bool
  default = true
}

variable "token" {
  type      = string
  ephemeral = true
  sensitive = true
}

variable "token_version" {
  type        = number
  default     = 1
  description = "Raise it to send a new token."
}

resource "servicenowsam_child_alias" "this" {
  parent                = var.parent
  name                  = var.name
  connection_url        = var.url
  reclaim_subscriptions = var.reclaim

  token = {
    token_wo         = var.token
    token_wo_version = var.token_version
  }
}

resource "servicenowsam_integration_profile" "this" {
  display_name          = replace(var.name, "_", " ")
  profile_type          = var.type
  connection_alias_id   = servicenowsam_child_alias.this.id
  reclaim_subscriptions = var.reclaim
}

output "id" {
  value = servicenowsam_integration_profile.this.id
}
