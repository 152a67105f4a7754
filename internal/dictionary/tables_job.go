package dictionary

// More columns of scheduled jobs, and values of JobRunType.
const (
	JobRunDaily    = "daily"
	JobRunWeekly   = "weekly"
	JobRunMonthly  = "monthly"
	JobRunOnDemand = "on_demand"

	TrackerState    = "state"
	TrackerPercent  = "percent_complete"
	TrackerMessage  = "message"
	TrackerDetail   = "detail_message"
	TrackerResult   = "result"
	TrackerSource   = "source"
	TrackerParent   = "parent"
	TrackerName     = "name"
	TrackerProfile  = "subscription_profile" // ours: the profile the run works for
	TrackerWork     = "work"                 // ours: what the run does: validate, publish, refresh, reclaim
	TrackerStarted  = "started"
	TrackerFinished = "completed"
)

const (
	sourceSchedule = "@servicenow/glide typings of sysauto and sysauto_script"
	sourceJobLog   = "public code that queries samp_job_log; KB2468178"
	sourceTracker  = "CI/CD API progress and GlideExecutionTracker"
)

func jobTables() []Table {
	return []Table{
		{
			Name: TableSchedule, Label: "Scheduled Job (base)", Abstract: true, Metadata: true, Display: JobName, Certainty: Code, Source: sourceSchedule,
			Columns: scheduleColumns(),
		},
		{
			Name: TableScheduledJob, Label: "Scheduled Script Execution", Extends: TableSchedule, Display: JobName, Certainty: Doc,
			Source: "KB1178718; that profile jobs live here too is assumed",
			Columns: []Column{
				text("script", "Run this script", Code, sourceSchedule),
				dateTime(JobNextRun, "Next run", Assumed, "not on ServiceNow: what sys_trigger.next_action says there", readOnly()),
				reference(JobProfile, "Subscription profile", TableProfile, Assumed, "not on ServiceNow: profiles list their jobs, the link's column is unknown", readOnly()),
			},
		},
		{
			Name: "sys_trigger", Label: "Schedule Item", Display: "name", Certainty: Code, Source: "public code that reads sys_trigger",
			Columns: []Column{
				text("name", "Name", Code, "public code that reads sys_trigger"),
				dateTime("next_action", "Next action", Code, "public code that reads sys_trigger"),
				integer("state", "State", Code, "public code that reads sys_trigger"),
				integer("trigger_type", "Trigger type", Code, "public code that reads sys_trigger"),
			},
		},
		{
			Name: TableJobLog, Label: "Software Asset Job Result", Display: JobLogNumber, Certainty: Code, Source: sourceJobLog,
			Columns: []Column{
				text(JobLogNumber, "Number", Code, sourceJobLog),
				text(JobLogName, "Name", Code, sourceJobLog),
				choice(JobLogStatus, "Status", Code, sourceJobLog+"; the value in_progress is assumed", []ChoiceValue{
					{JobLogCompleted, "Completed", Code}, {JobLogFailed, "Failed", Code}, {JobLogInProgress, "In Progress", Assumed},
				}, initially(JobLogInProgress)),
				reference(JobLogProfile, "Subscription profile", TableProfile, Assumed, "profiles list their job results; the link's column is assumed"),
				text(JobLogMessage, "Message", Assumed, "not on ServiceNow, whose job results say nothing about the cause (KB2468178)"),
			},
		},
		{Name: "sam_saas_job_log", Label: "SaaS Job Log", Certainty: Doc, Source: "KB2491069 names the table; its columns are unknown"},
		{
			Name: TableExecutionTracker, Label: "Execution Tracker", Display: TrackerName, Certainty: Doc, Source: sourceTracker,
			Columns: trackerColumns(),
		},
	}
}

func scheduleColumns() []Column {
	runTypes := choices(Code, JobRunDaily, "Daily", JobRunWeekly, "Weekly", JobRunMonthly, "Monthly", "periodically", "Periodically",
		"once", "Once", JobRunOnDemand, "On Demand", "day_and_month_in_year", "Day and Month in Year", "day_week_month_year", "Day, Week, Month, Year",
		"week_in_month", "Week in Month", "business_calendar_start", "Business Calendar: Entry Start", "business_calendar_end", "Business Calendar: Entry End")
	return []Column{
		text(JobName, "Name", Code, sourceSchedule, mandatory()),
		text(SysClassName, "Class", Code, sourceSchedule, readOnly()),
		boolean(JobActive, "Active", Code, sourceSchedule, initially("true")),
		choice(JobRunType, "Run", Code, sourceSchedule, runTypes, initially(JobRunDaily)),
		dateTime(JobRunTime, "Time", Code, sourceSchedule+"; a time of day in UTC on 1970-01-01"),
		duration("run_period", "Repeat interval", Code, sourceSchedule),
		dateTime("run_start", "Starting", Code, sourceSchedule),
		integer("run_dayofweek", "Day of week", Code, sourceSchedule),
		integer("run_dayofmonth", "Day of month", Code, sourceSchedule),
		reference("run_as", "Run as", TableUser, Code, sourceSchedule),
		text("run_as_tz", "Run as time zone", Code, sourceSchedule),
		boolean("conditional", "Conditional", Code, sourceSchedule),
		text("condition", "Condition", Code, sourceSchedule),
	}
}

func trackerColumns() []Column {
	states := choices(Doc, "0", "Pending", "1", "Running", "2", "Successful", "3", "Failed", "4", "Cancelled")
	return []Column{
		text(TrackerName, "Name", Assumed, sourceTracker),
		integer(TrackerState, "State", Doc, sourceTracker, among(states), initially("0")),
		integer(TrackerPercent, "Percent complete", Doc, sourceTracker, initially("0")),
		text(TrackerMessage, "Message", Doc, sourceTracker),
		text(TrackerDetail, "Detail message", Doc, sourceTracker),
		document(TrackerResult, "Result", Doc, sourceTracker),
		text(TrackerSource, "Source", Doc, sourceTracker+"; here: the idempotency key of the start call"),
		reference(TrackerParent, "Parent", TableExecutionTracker, Doc, sourceTracker),
		reference(TrackerProfile, "Subscription profile", TableProfile, Assumed, "not on ServiceNow: the profile a run works for"),
		text(TrackerWork, "Work", Assumed, "not on ServiceNow: what a run does, with its request, so that it can be resumed"),
		dateTime(TrackerStarted, "Started", Assumed, "execution tracker form gives the label; the column name is assumed"),
		dateTime(TrackerFinished, "Completed", Assumed, "execution tracker form gives the label; the column name is assumed"),
	}
}
