output "connection_url" {
  value = "https://api.atlassian.com/ex/confluence/${provider::servicenowsam::cloud_id(
    "https://admin.atlassian.com/o/8b1c52d0/products/conf/11111111-2222-4333-8444-555555555555"
  )}"
}
