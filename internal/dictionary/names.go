package dictionary

// Tables used by name in code. The full list, with columns, is Tables.
const (
	TableProfile            = "samp_sw_subscription_profile"
	TableSubscription       = "samp_sw_subscription"
	TableCandidate          = "samp_sw_reclamation_candidate"
	TableReclamationRule    = "samp_sw_reclamation_rule"
	TableRuleProduct        = "samp_sw_reclamation_rule_product" // m2m; the real name is not public
	TableProduct            = "samp_sw_product"
	TablePublisher          = "samp_sw_publisher"
	TableProductProfileType = "samp_sw_product_profile_type"
	TableProductDefinition  = "samp_sw_subscription_product_definition"
	TableSoftwareModel      = "cmdb_software_product_model"
	TableScheduledJob       = "sysauto_script"
	TableJobLog             = "samp_job_log"
	TableExecutionTracker   = "sys_execution_tracker"
	TableAlias              = "sys_alias"
	TableAliasTemplate      = "sys_alias_templates"
	TableHTTPConnection     = "http_connection"
	TableAPIKeyCredential   = "api_key_credentials"
	TableSubflow            = "sys_hub_flow"
	TableUser               = "sys_user"
	TableUserGroup          = "sys_user_group"
	TableProperty           = "sys_properties"
)

// Columns every table has.
const (
	SysID        = "sys_id"
	SysCreatedOn = "sys_created_on"
	SysCreatedBy = "sys_created_by"
	SysUpdatedOn = "sys_updated_on"
	SysUpdatedBy = "sys_updated_by"
	SysModCount  = "sys_mod_count"
	SysScope     = "sys_scope"
	SysDomain    = "sys_domain"
)

// Columns of an integration profile (TableProfile).
const (
	ProfileDisplayName        = "display_name"
	ProfileStatus             = "status"
	ProfileType_              = "profile_type" //nolint:revive // ProfileType is the catalogue's type
	ProfileAlias              = "connection_credential"
	ProfileDownload           = "download_subscriptions"
	ProfileDownloadSubflow    = "download_subscription_subflow"
	ProfileDownloadActivity   = "download_activity"
	ProfileActivitySubflow    = "activity_subscription_subflow"
	ProfileAnalyzeFrom        = "analyze_activity_from"
	ProfileReclaim            = "reclaim_subscriptions"
	ProfileReclaimSubflow     = "reclaim_subscription_subflow"
	ProfileCustomProperties   = "custom_properties" // JSON, see companion.CustomProperties
	ProfileActivityCoverage   = "activity_coverage" // ours: of whom the known activity tells that they are idle
	ProfileStatusDraft        = "draft"
	ProfileStatusPublished    = "published"
	ProfileVendorConfDownload = "vendor_configuration_download"
	ProfileVendorConfActivity = "vendor_configuration_activity"
	ProfileVendorConfReclaim  = "vendor_configuration_reclaim"
)

// Values of ProfileActivityCoverage.
const (
	CoverageComplete = "complete" // of everybody
	CoveragePartial  = "partial"  // of those who were seen once: others may be active where the vendor does not show it
	CoverageNone     = "none"     // of nobody: activity is not downloaded, or not once to its end
)

// Columns of a software subscription (TableSubscription).
const (
	SubscriptionDisplayName     = "display_name"
	SubscriptionUPN             = "user_principal_name"
	SubscriptionExternalUserID  = "external_user_id"
	SubscriptionUserName        = "vendor_user_name" // ours
	SubscriptionUser            = "user"
	SubscriptionUserSource      = "user_source"
	SubscriptionIdentifier      = "subscription_identifier"
	SubscriptionSoftwareModel   = "software_model"
	SubscriptionPublisher       = "publisher"
	SubscriptionProduct         = "product"
	SubscriptionProfile         = "subscription_profile"
	SubscriptionExternalCreated = "external_created"
	SubscriptionLastActivity    = "last_activity"
	SubscriptionInactiveDays    = "inactive_days"
	SubscriptionActive          = "active"
	SubscriptionState           = "state"
	SubscriptionSourced         = "sourced_from_integration"
	SubscriptionUnlicensed      = "unlicensed_subscription"
	SubscriptionReconciled      = "is_reconciled"
	SubscriptionExcluded        = "excluded_from_metering" // ours
	SubscriptionRestoredOn      = "restored_on"            // ours
	SubscriptionUserOverridden  = "user_overridden"        // ours: a person chose the user
)

// Columns of a removal candidate (TableCandidate), besides those of task.
const (
	CandidateNumber           = "number"
	CandidateState            = "state"
	CandidateActive           = "active"
	CandidateJustification    = "justification"
	CandidateAppliesTo        = "applies_to"
	CandidateSubscription     = "user_subscription"
	CandidateUser             = "user"
	CandidateRule             = "reclamation_rule"
	CandidateNotifyUser       = "notify_user"
	CandidateInactiveDays     = "inactive_days"
	CandidatePotentialSavings = "potential_savings"
	CandidateSoftwareModel    = "software_model"
	CandidateProduct          = "product"
	CandidatePublisher        = "publisher"
	CandidateProfile          = "subscription_profile" // ours: survives the subscription row, which reclaim deletes
	CandidateErrorMessage     = "error_message"
	CandidateAssignmentGroup  = "assignment_group"
	CandidateWorkNotes        = "work_notes"
	CandidateOpenedAt         = "opened_at"
	CandidateClosedAt         = "closed_at"
	CandidateShortDescription = "short_description"
	CandidateDaysBeforeAuto   = "days_before_auto_reclamation" // ours: copied from the rule; ServiceNow's flow reads it there
	CandidateNotice           = "notice"                       // ours: the message that tells the user
	CandidateNotifiedOn       = "notified_on"                  // ours: when the notice was delivered
	CandidateAnswer           = "answer"                       // ours: of the user
	CandidateAnsweredOn       = "answered_on"                  // ours
	CandidateRevocationBegun  = "revocation_begun_on"          // ours: when the vendor was last asked to take the licence; empty while nothing was begun
	CandidateRestoredOn       = "restored_on"                  // ours: when the reclaim was undone
)

// Values of CandidateAnswer.
const (
	AnswerRelease = "release" // does not need the licence any more
	AnswerKeep    = "keep"
)

// Values of CandidateJustification and CandidateAppliesTo.
const (
	JustificationLowUsage    = "low_usage"
	JustificationUnallocated = "unallocated"
	JustificationUnlicensed  = "unlicensed"
	JustificationRestricted  = "restricted_software"
	AppliesToSubscription    = "Subscription Software"
)

// Columns of a reclamation rule (TableReclamationRule).
const (
	RuleName            = "name"
	RuleAppliesTo       = "applies_to"
	RuleCreateCandidate = "create_reclamation_candidate"
	RuleThresholdDays   = "last_activity_threshold"
	RuleNotifyUser      = "notify_user"
	RuleDaysBeforeAuto  = "days_before_auto_reclamation"
	RuleAssignmentGroup = "assignment_group"
	RuleActive          = "active"
	RuleManagedBy       = "managed_by" // ours: mark of the Terraform resource that owns the rule
)

// Columns of TableRuleProduct.
const (
	RuleProductRule    = "reclamation_rule"
	RuleProductProduct = "software_product"
)

// Columns of a scheduled job (TableScheduledJob) and of its results (TableJobLog).
const (
	JobName       = "name"
	JobActive     = "active"
	JobRunType    = "run_type"
	JobRunTime    = "run_time"
	JobNextRun    = "next_run"             // ours: the engine keeps here what sys_trigger.next_action says on ServiceNow
	JobProfile    = "subscription_profile" // ours: the profile a refresh job belongs to
	JobLogNumber  = "number"
	JobLogName    = "name"
	JobLogStatus  = "status"
	JobLogProfile = "subscription_profile"
	JobLogMessage = "message"

	JobLogCompleted  = "completed"
	JobLogFailed     = "failed"
	JobLogInProgress = "in_progress"
)

// Columns of the connection and credential chain.
const (
	AliasName          = "name"
	AliasID            = "id"
	AliasType          = "type"
	AliasParent        = "parent"
	AliasTemplate      = "configuration_template"
	AliasRetryPolicy   = "retry_policy"
	ConnectionName     = "name"
	ConnectionActive   = "active"
	ConnectionAlias    = "connection_alias"
	ConnectionCred     = "credential"
	ConnectionURL      = "connection_url"
	CredentialName     = "name"
	CredentialActive   = "active"
	CredentialAPIKey   = "api_key"
	CredentialAPIToken = "api_token" // assumed: where the Trello spoke keeps the token beside the key
)
