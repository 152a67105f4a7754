data "servicenowsam_scheduled_jobs" "all" {}

output "overdue" {
  value = [for j in data.servicenowsam_scheduled_jobs.all.jobs : j.name if j.overdue]
}
