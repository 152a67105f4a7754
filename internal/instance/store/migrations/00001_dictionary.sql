-- Code generated from the dictionary by go generate ./internal/instance/store/ddl; DO NOT EDIT.

-- +goose Up
CREATE TABLE "samp_sw_subscription_profile" (
    "display_name" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT 'draft',
    "profile_type" TEXT NOT NULL DEFAULT '',
    "connection_credential" TEXT NOT NULL DEFAULT '',
    "download_subscriptions" INTEGER NOT NULL DEFAULT 1,
    "download_subscription_subflow" TEXT NOT NULL DEFAULT '',
    "download_activity" INTEGER NOT NULL DEFAULT 0,
    "activity_coverage" TEXT NOT NULL DEFAULT '',
    "activity_subscription_subflow" TEXT NOT NULL DEFAULT '',
    "activity_connection_credential" TEXT NOT NULL DEFAULT '',
    "analyze_activity_from" TEXT NOT NULL DEFAULT '',
    "reclaim_subscriptions" INTEGER NOT NULL DEFAULT 0,
    "reclaim_subscription_subflow" TEXT NOT NULL DEFAULT '',
    "reclaim_connection_credential" TEXT NOT NULL DEFAULT '',
    "download_consumption_subflow" TEXT NOT NULL DEFAULT '',
    "vendor_configuration_download" TEXT NOT NULL DEFAULT '',
    "vendor_configuration_activity" TEXT NOT NULL DEFAULT '',
    "vendor_configuration_reclaim" TEXT NOT NULL DEFAULT '',
    "custom_properties" TEXT NOT NULL DEFAULT '',
    "oauth_app" TEXT NOT NULL DEFAULT '',
    "client_id" TEXT NOT NULL DEFAULT '',
    "client_secret" TEXT NOT NULL DEFAULT '',
    "redirect_url" TEXT NOT NULL DEFAULT '',
    "authentication_type" TEXT NOT NULL DEFAULT '',
    "integration_type" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_subscription_profile_sys_id" ON "samp_sw_subscription_profile" (sys_id);
CREATE TABLE "sam_saas_script_route" (
    "profile_type" TEXT NOT NULL DEFAULT '',
    "scope" TEXT NOT NULL DEFAULT '',
    "script_include" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sam_saas_script_route_sys_id" ON "sam_saas_script_route" (sys_id);
CREATE TABLE "sam_saas_profile_type_default_value" (
    "profile_type" TEXT NOT NULL DEFAULT '',
    "field" TEXT NOT NULL DEFAULT '',
    "value" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sam_saas_profile_type_default_value_sys_id" ON "sam_saas_profile_type_default_value" (sys_id);
CREATE TABLE "samp_sw_subscription_identifier_exclusion_rule" (
    "subscription_identifier" TEXT NOT NULL DEFAULT '',
    "profile_type" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_subscription_identifier_exclusion_rule_sys_id" ON "samp_sw_subscription_identifier_exclusion_rule" (sys_id);
CREATE TABLE "samp_sw_subscription_user_exclusion_rule" (
    "user_principal_name" TEXT NOT NULL DEFAULT '',
    "profile_type" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_subscription_user_exclusion_rule_sys_id" ON "samp_sw_subscription_user_exclusion_rule" (sys_id);
CREATE TABLE "sn_conflunce_spoke_confluence_groups" (
    "group_name" TEXT NOT NULL DEFAULT '',
    "group_id" TEXT NOT NULL DEFAULT '',
    "connection_alias" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sn_conflunce_spoke_confluence_groups_sys_id" ON "sn_conflunce_spoke_confluence_groups" (sys_id);
CREATE TABLE "samp_sw_subscription" (
    "display_name" TEXT NOT NULL DEFAULT '',
    "user_principal_name" TEXT NOT NULL DEFAULT '',
    "external_user_id" TEXT NOT NULL DEFAULT '',
    "vendor_user_name" TEXT NOT NULL DEFAULT '',
    "user" TEXT NOT NULL DEFAULT '',
    "user_source" TEXT NOT NULL DEFAULT '',
    "subscription_identifier" TEXT NOT NULL DEFAULT '',
    "assigned_software_identifier" TEXT NOT NULL DEFAULT '',
    "software_model" TEXT NOT NULL DEFAULT '',
    "publisher" TEXT NOT NULL DEFAULT '',
    "product" TEXT NOT NULL DEFAULT '',
    "version" TEXT NOT NULL DEFAULT '',
    "edition" TEXT NOT NULL DEFAULT '',
    "subscription_profile" TEXT NOT NULL DEFAULT '',
    "subscription_type" TEXT NOT NULL DEFAULT 'software_subscription',
    "subscription_assigned" TEXT NOT NULL DEFAULT '',
    "external_created" TEXT NOT NULL DEFAULT '',
    "last_activity" TEXT NOT NULL DEFAULT '',
    "inactive_days" INTEGER,
    "active" INTEGER NOT NULL DEFAULT 1,
    "state" TEXT NOT NULL DEFAULT '',
    "sourced_from_integration" TEXT NOT NULL DEFAULT '',
    "source" TEXT NOT NULL DEFAULT '',
    "unlicensed_subscription" INTEGER NOT NULL DEFAULT 0,
    "is_reconciled" INTEGER NOT NULL DEFAULT 0,
    "license_metric_result" TEXT NOT NULL DEFAULT '',
    "product_result" TEXT NOT NULL DEFAULT '',
    "software_model_result" TEXT NOT NULL DEFAULT '',
    "excluded_from_metering" INTEGER NOT NULL DEFAULT 0,
    "user_overridden" INTEGER NOT NULL DEFAULT 0,
    "restored_on" TEXT NOT NULL DEFAULT '',
    "inferred_suite" TEXT NOT NULL DEFAULT '',
    "inferred_suite_level" INTEGER,
    "inferred_suite_product" TEXT NOT NULL DEFAULT '',
    "licensable_software_model" TEXT NOT NULL DEFAULT '',
    "discovered_user" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    snsam_fingerprint INTEGER
);
CREATE UNIQUE INDEX "ix_samp_sw_subscription_sys_id" ON "samp_sw_subscription" (sys_id);
CREATE TABLE "samp_sso_subscription" (
    "display_name" TEXT NOT NULL DEFAULT '',
    "user_principal_name" TEXT NOT NULL DEFAULT '',
    "user" TEXT NOT NULL DEFAULT '',
    "subscription_profile" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sso_subscription_sys_id" ON "samp_sso_subscription" (sys_id);
CREATE TABLE "samp_sw_unrecognized_subscription_identifier" (
    "subscription_identifier" TEXT NOT NULL DEFAULT '',
    "software_model" TEXT NOT NULL DEFAULT '',
    "subscription_profiles" TEXT NOT NULL DEFAULT '',
    "number_of_subscriptions" INTEGER,
    "exclude_from_content_service" INTEGER NOT NULL DEFAULT 0,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_unrecognized_subscription_identifier_sys_id" ON "samp_sw_unrecognized_subscription_identifier" (sys_id);
CREATE TABLE "samp_discovered_user" (
    "user_principal_name" TEXT NOT NULL DEFAULT '',
    "user" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_discovered_user_sys_id" ON "samp_discovered_user" (sys_id);
CREATE TABLE "samp_subscription_staging" (
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_subscription_staging_sys_id" ON "samp_subscription_staging" (sys_id);
CREATE TABLE "samp_saas_event_mapping" (
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_saas_event_mapping_sys_id" ON "samp_saas_event_mapping" (sys_id);
CREATE TABLE "saas_sw_storage_usage" (
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_saas_sw_storage_usage_sys_id" ON "saas_sw_storage_usage" (sys_id);
CREATE TABLE "saas_url_usage" (
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_saas_url_usage_sys_id" ON "saas_url_usage" (sys_id);
CREATE TABLE "samp_sw_reclamation_candidate" (
    "state" INTEGER DEFAULT 11,
    "justification" TEXT NOT NULL DEFAULT 'low_usage',
    "applies_to" TEXT NOT NULL DEFAULT 'Subscription Software',
    "user_subscription" TEXT NOT NULL DEFAULT '',
    "user" TEXT NOT NULL DEFAULT '',
    "reclamation_rule" TEXT NOT NULL DEFAULT '',
    "notify_user" INTEGER NOT NULL DEFAULT 0,
    "inactive_days" INTEGER,
    "potential_savings" TEXT NOT NULL DEFAULT '',
    "software_model" TEXT NOT NULL DEFAULT '',
    "product" TEXT NOT NULL DEFAULT '',
    "publisher" TEXT NOT NULL DEFAULT '',
    "subscription_profile" TEXT NOT NULL DEFAULT '',
    "error_message" TEXT NOT NULL DEFAULT '',
    "days_before_auto_reclamation" INTEGER,
    "notice" TEXT NOT NULL DEFAULT '',
    "notified_on" TEXT NOT NULL DEFAULT '',
    "answer" TEXT NOT NULL DEFAULT '',
    "answered_on" TEXT NOT NULL DEFAULT '',
    "revocation_begun_on" TEXT NOT NULL DEFAULT '',
    "restored_on" TEXT NOT NULL DEFAULT '',
    "software_installation" TEXT NOT NULL DEFAULT '',
    "rights_to_reclaim" INTEGER,
    "bulk_reclamation" INTEGER NOT NULL DEFAULT 0,
    "number" TEXT NOT NULL DEFAULT '',
    "sys_class_name" TEXT NOT NULL DEFAULT 'samp_sw_reclamation_candidate',
    "short_description" TEXT NOT NULL DEFAULT '',
    "description" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "opened_at" TEXT NOT NULL DEFAULT '',
    "opened_by" TEXT NOT NULL DEFAULT '',
    "closed_at" TEXT NOT NULL DEFAULT '',
    "closed_by" TEXT NOT NULL DEFAULT '',
    "assignment_group" TEXT NOT NULL DEFAULT '',
    "assigned_to" TEXT NOT NULL DEFAULT '',
    "work_notes" TEXT NOT NULL DEFAULT '',
    "close_notes" TEXT NOT NULL DEFAULT '',
    "cmdb_ci" TEXT NOT NULL DEFAULT '',
    "parent" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_reclamation_candidate_sys_id" ON "samp_sw_reclamation_candidate" (sys_id);
CREATE TABLE "samp_sw_reclamation_rule" (
    "name" TEXT NOT NULL DEFAULT '',
    "applies_to" TEXT NOT NULL DEFAULT 'Subscription Software',
    "create_reclamation_candidate" INTEGER NOT NULL DEFAULT 1,
    "last_activity_threshold" INTEGER DEFAULT 60,
    "notify_user" INTEGER NOT NULL DEFAULT 0,
    "days_before_auto_reclamation" INTEGER,
    "assignment_group" TEXT NOT NULL DEFAULT '19b3e71f8cbccd9021a7b5d102df1205',
    "subscription_condition" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "managed_by" TEXT NOT NULL DEFAULT '',
    "reclamation_type" TEXT NOT NULL DEFAULT '',
    "aggregate_usage_by" TEXT NOT NULL DEFAULT '',
    "total_hours_used" TEXT NOT NULL DEFAULT '',
    "last_used_before" TEXT NOT NULL DEFAULT '',
    "include_no_activity" INTEGER NOT NULL DEFAULT 0,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_reclamation_rule_sys_id" ON "samp_sw_reclamation_rule" (sys_id);
CREATE TABLE "samp_sw_reclamation_rule_product" (
    "reclamation_rule" TEXT NOT NULL DEFAULT '',
    "software_product" TEXT NOT NULL DEFAULT '',
    "parent" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_reclamation_rule_product_sys_id" ON "samp_sw_reclamation_rule_product" (sys_id);
CREATE TABLE "samp_sw_publisher" (
    "name" TEXT NOT NULL DEFAULT '',
    "company" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_publisher_sys_id" ON "samp_sw_publisher" (sys_id);
CREATE TABLE "samp_sw_product" (
    "name" TEXT NOT NULL DEFAULT '',
    "publisher" TEXT NOT NULL DEFAULT '',
    "subscription_software" INTEGER NOT NULL DEFAULT 1,
    "product_type" TEXT NOT NULL DEFAULT 'licensable',
    "ignore_installs" INTEGER NOT NULL DEFAULT 0,
    "exclude_from_content_service" INTEGER NOT NULL DEFAULT 0,
    "active" INTEGER NOT NULL DEFAULT 1,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_product_sys_id" ON "samp_sw_product" (sys_id);
CREATE TABLE "samp_sw_product_profile_type" (
    "profile_type" TEXT NOT NULL DEFAULT '',
    "product" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_product_profile_type_sys_id" ON "samp_sw_product_profile_type" (sys_id);
CREATE TABLE "samp_sw_subscription_integration" (
    "name" TEXT NOT NULL DEFAULT '',
    "profile_type" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_subscription_integration_sys_id" ON "samp_sw_subscription_integration" (sys_id);
CREATE TABLE "samp_sw_custom_subscription_integration" (
    "name" TEXT NOT NULL DEFAULT '',
    "profile_type" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_custom_subscription_integration_sys_id" ON "samp_sw_custom_subscription_integration" (sys_id);
CREATE TABLE "samp_sw_subscription_product_definition" (
    "identifier" TEXT NOT NULL DEFAULT '',
    "subscription_integration" TEXT NOT NULL DEFAULT '',
    "entitlement_definition" TEXT NOT NULL DEFAULT '',
    "profile_type" TEXT NOT NULL DEFAULT '',
    "product" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_subscription_product_definition_sys_id" ON "samp_sw_subscription_product_definition" (sys_id);
CREATE TABLE "samp_sw_custom_subscription_product_definition" (
    "identifier" TEXT NOT NULL DEFAULT '',
    "subscription_integration" TEXT NOT NULL DEFAULT '',
    "entitlement_definition" TEXT NOT NULL DEFAULT '',
    "profile_type" TEXT NOT NULL DEFAULT '',
    "product" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_custom_subscription_product_definition_sys_id" ON "samp_sw_custom_subscription_product_definition" (sys_id);
CREATE TABLE "samp_sw_entitlement_definition" (
    "name" TEXT NOT NULL DEFAULT '',
    "product" TEXT NOT NULL DEFAULT '',
    "version_condition" TEXT NOT NULL DEFAULT 'is anything',
    "version" TEXT NOT NULL DEFAULT '',
    "edition_condition" TEXT NOT NULL DEFAULT 'is anything',
    "edition" TEXT NOT NULL DEFAULT '',
    "platform" TEXT NOT NULL DEFAULT '',
    "language" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_sw_entitlement_definition_sys_id" ON "samp_sw_entitlement_definition" (sys_id);
CREATE TABLE "samp_custom_sw_entitlement_definition" (
    "name" TEXT NOT NULL DEFAULT '',
    "product" TEXT NOT NULL DEFAULT '',
    "version_condition" TEXT NOT NULL DEFAULT 'is anything',
    "version" TEXT NOT NULL DEFAULT '',
    "edition_condition" TEXT NOT NULL DEFAULT 'is anything',
    "edition" TEXT NOT NULL DEFAULT '',
    "platform" TEXT NOT NULL DEFAULT '',
    "language" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_custom_sw_entitlement_definition_sys_id" ON "samp_custom_sw_entitlement_definition" (sys_id);
CREATE TABLE "cmdb_software_product_model" (
    "name" TEXT NOT NULL DEFAULT '',
    "display_name" TEXT NOT NULL DEFAULT '',
    "manufacturer" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT 'In Production',
    "product" TEXT NOT NULL DEFAULT '',
    "publisher" TEXT NOT NULL DEFAULT '',
    "subscription_identifier" TEXT NOT NULL DEFAULT '',
    "version_condition" TEXT NOT NULL DEFAULT '',
    "version" TEXT NOT NULL DEFAULT '',
    "edition_condition" TEXT NOT NULL DEFAULT '',
    "edition" TEXT NOT NULL DEFAULT '',
    "license_under_management" INTEGER NOT NULL DEFAULT 1,
    "restricted_software" INTEGER NOT NULL DEFAULT 0,
    "unit_of_consumption" TEXT NOT NULL DEFAULT '',
    "cost" TEXT NOT NULL DEFAULT '',
    "owner" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_cmdb_software_product_model_sys_id" ON "cmdb_software_product_model" (sys_id);
CREATE TABLE "alm_license" (
    "display_name" TEXT NOT NULL DEFAULT '',
    "software_model" TEXT NOT NULL DEFAULT '',
    "purchased_rights" INTEGER,
    "rights" INTEGER,
    "unit_cost" TEXT NOT NULL DEFAULT '',
    "license_yearly_cost" TEXT NOT NULL DEFAULT '',
    "product_type" TEXT NOT NULL DEFAULT '',
    "license_duration" TEXT NOT NULL DEFAULT '',
    "start_date" TEXT NOT NULL DEFAULT '',
    "end_date" TEXT NOT NULL DEFAULT '',
    "maintenance" INTEGER NOT NULL DEFAULT 0,
    "unlimited_license" INTEGER NOT NULL DEFAULT 0,
    "agreement_type" TEXT NOT NULL DEFAULT 'standard',
    "license_type" TEXT NOT NULL DEFAULT 'subscription',
    "metric_group" TEXT NOT NULL DEFAULT 'subscription',
    "license_metric" TEXT NOT NULL DEFAULT 'user_subscription',
    "subscription_period" TEXT NOT NULL DEFAULT '',
    "state" TEXT NOT NULL DEFAULT 'build',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_alm_license_sys_id" ON "alm_license" (sys_id);
CREATE TABLE "alm_entitlement_user" (
    "licensed_by" TEXT NOT NULL DEFAULT '',
    "assigned_to" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_alm_entitlement_user_sys_id" ON "alm_entitlement_user" (sys_id);
CREATE TABLE "alm_entitlement_asset" (
    "licensed_by" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_alm_entitlement_asset_sys_id" ON "alm_entitlement_asset" (sys_id);
CREATE TABLE "samp_subscription_usage_summary" (
    "software_model" TEXT NOT NULL DEFAULT '',
    "rights_owned" INTEGER,
    "rights_assigned" INTEGER,
    "stale_rights" INTEGER,
    "rights_available" INTEGER,
    "cost" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_subscription_usage_summary_sys_id" ON "samp_subscription_usage_summary" (sys_id);
CREATE TABLE "sam_saas_consumption_summary" (
    "subscription_profile" TEXT NOT NULL DEFAULT '',
    "product" TEXT NOT NULL DEFAULT '',
    "version" TEXT NOT NULL DEFAULT '',
    "edition" TEXT NOT NULL DEFAULT '',
    "unit_of_consumption" TEXT NOT NULL DEFAULT '',
    "total_units" TEXT NOT NULL DEFAULT '',
    "units_consumed" TEXT NOT NULL DEFAULT '',
    "monthly_consumption" TEXT NOT NULL DEFAULT '',
    "contract_start" TEXT NOT NULL DEFAULT '',
    "contract_end" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sam_saas_consumption_summary_sys_id" ON "sam_saas_consumption_summary" (sys_id);
CREATE TABLE "itam_licensing_resource_counts" (
    "application" TEXT NOT NULL DEFAULT '',
    "resource_category" TEXT NOT NULL DEFAULT '',
    "resource_count" INTEGER,
    "su_ratio" TEXT NOT NULL DEFAULT '',
    "su_count" TEXT NOT NULL DEFAULT '',
    "is_aggregated" INTEGER NOT NULL DEFAULT 0,
    "licensing_job_status" TEXT NOT NULL DEFAULT '',
    "active_subscription_entitlement" TEXT NOT NULL DEFAULT '',
    "excluded_count" INTEGER,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_itam_licensing_resource_counts_sys_id" ON "itam_licensing_resource_counts" (sys_id);
CREATE TABLE "samp_license_metric_result" (
    "display_name" TEXT NOT NULL DEFAULT '',
    "publisher" TEXT NOT NULL DEFAULT '',
    "product" TEXT NOT NULL DEFAULT '',
    "software_model" TEXT NOT NULL DEFAULT '',
    "rights_owned" INTEGER,
    "rights_used" INTEGER,
    "rights_consumed" INTEGER,
    "rights_needed" INTEGER,
    "unused_rights" INTEGER,
    "licenses_available" INTEGER,
    "unlicensed_installs" INTEGER,
    "license_metric" TEXT NOT NULL DEFAULT '',
    "rights_allocated" INTEGER,
    "subscriptions_without_user" INTEGER,
    "status" TEXT NOT NULL DEFAULT '',
    "latest" INTEGER NOT NULL DEFAULT 0,
    "true_up_cost" TEXT NOT NULL DEFAULT '',
    "over_licensed_amount" TEXT NOT NULL DEFAULT '',
    "total_spend" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_license_metric_result_sys_id" ON "samp_license_metric_result" (sys_id);
CREATE TABLE "samp_publisher_result" (
    "publisher" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT '',
    "published_status" TEXT NOT NULL DEFAULT '',
    "total_products" INTEGER,
    "compliant_products" INTEGER,
    "unlicensed_subscriptions" INTEGER,
    "true_up_cost" TEXT NOT NULL DEFAULT '',
    "over_licensed_amount" TEXT NOT NULL DEFAULT '',
    "total_spend" TEXT NOT NULL DEFAULT '',
    "latest" INTEGER NOT NULL DEFAULT 0,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_publisher_result_sys_id" ON "samp_publisher_result" (sys_id);
CREATE TABLE "samp_product_result" (
    "product" TEXT NOT NULL DEFAULT '',
    "publisher" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT '',
    "latest" INTEGER NOT NULL DEFAULT 0,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_product_result_sys_id" ON "samp_product_result" (sys_id);
CREATE TABLE "samp_software_model_result" (
    "software_model" TEXT NOT NULL DEFAULT '',
    "publisher" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT '',
    "latest" INTEGER NOT NULL DEFAULT 0,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_software_model_result_sys_id" ON "samp_software_model_result" (sys_id);
CREATE TABLE "samp_reconciliation_result" (
    "number" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT '',
    "publisher" TEXT NOT NULL DEFAULT '',
    "progress" INTEGER,
    "progress_ux" TEXT NOT NULL DEFAULT '',
    "progress_step" TEXT NOT NULL DEFAULT '',
    "total" INTEGER,
    "current_processed" INTEGER,
    "last_reconciled" TEXT NOT NULL DEFAULT '',
    "recon_progress_summary" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_reconciliation_result_sys_id" ON "samp_reconciliation_result" (sys_id);
CREATE TABLE "samp_entitlement_result" (
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_entitlement_result_sys_id" ON "samp_entitlement_result" (sys_id);
CREATE TABLE "samp_remediation_option" (
    "type" TEXT NOT NULL DEFAULT '',
    "publisher" TEXT NOT NULL DEFAULT '',
    "product" TEXT NOT NULL DEFAULT '',
    "software_model" TEXT NOT NULL DEFAULT '',
    "license_metric_result" TEXT NOT NULL DEFAULT '',
    "rights" INTEGER,
    "cost" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_remediation_option_sys_id" ON "samp_remediation_option" (sys_id);
CREATE TABLE "sysauto_script" (
    "script" TEXT NOT NULL DEFAULT '',
    "next_run" TEXT NOT NULL DEFAULT '',
    "subscription_profile" TEXT NOT NULL DEFAULT '',
    "name" TEXT NOT NULL DEFAULT '',
    "sys_class_name" TEXT NOT NULL DEFAULT 'sysauto_script',
    "active" INTEGER NOT NULL DEFAULT 1,
    "run_type" TEXT NOT NULL DEFAULT 'daily',
    "run_time" TEXT NOT NULL DEFAULT '',
    "run_period" TEXT NOT NULL DEFAULT '',
    "run_start" TEXT NOT NULL DEFAULT '',
    "run_dayofweek" INTEGER,
    "run_dayofmonth" INTEGER,
    "run_as" TEXT NOT NULL DEFAULT '',
    "run_as_tz" TEXT NOT NULL DEFAULT '',
    "conditional" INTEGER NOT NULL DEFAULT 0,
    "condition" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sysauto_script_sys_id" ON "sysauto_script" (sys_id);
CREATE TABLE "sys_trigger" (
    "name" TEXT NOT NULL DEFAULT '',
    "next_action" TEXT NOT NULL DEFAULT '',
    "state" INTEGER,
    "trigger_type" INTEGER,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_trigger_sys_id" ON "sys_trigger" (sys_id);
CREATE TABLE "samp_job_log" (
    "number" TEXT NOT NULL DEFAULT '',
    "name" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT 'in_progress',
    "subscription_profile" TEXT NOT NULL DEFAULT '',
    "message" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_job_log_sys_id" ON "samp_job_log" (sys_id);
CREATE TABLE "sam_saas_job_log" (
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sam_saas_job_log_sys_id" ON "sam_saas_job_log" (sys_id);
CREATE TABLE "sys_execution_tracker" (
    "name" TEXT NOT NULL DEFAULT '',
    "state" INTEGER DEFAULT 0,
    "percent_complete" INTEGER DEFAULT 0,
    "message" TEXT NOT NULL DEFAULT '',
    "detail_message" TEXT NOT NULL DEFAULT '',
    "result" TEXT NOT NULL DEFAULT '',
    "source" TEXT NOT NULL DEFAULT '',
    "parent" TEXT NOT NULL DEFAULT '',
    "subscription_profile" TEXT NOT NULL DEFAULT '',
    "work" TEXT NOT NULL DEFAULT '',
    "started" TEXT NOT NULL DEFAULT '',
    "completed" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_execution_tracker_sys_id" ON "sys_execution_tracker" (sys_id);
CREATE TABLE "sys_alias" (
    "name" TEXT NOT NULL DEFAULT '',
    "id" TEXT NOT NULL DEFAULT '',
    "type" TEXT NOT NULL DEFAULT 'connection',
    "connection_type" TEXT NOT NULL DEFAULT 'http_connection',
    "description" TEXT NOT NULL DEFAULT '',
    "parent" TEXT NOT NULL DEFAULT '',
    "configuration_template" TEXT NOT NULL DEFAULT '',
    "retry_policy" TEXT NOT NULL DEFAULT '',
    "multiple_connections" INTEGER NOT NULL DEFAULT 0,
    "is_internal" INTEGER NOT NULL DEFAULT 0,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_alias_sys_id" ON "sys_alias" (sys_id);
CREATE TABLE "sys_alias_templates" (
    "name" TEXT NOT NULL DEFAULT '',
    "dynamic_data_schema" TEXT NOT NULL DEFAULT '',
    "default_data_template" TEXT NOT NULL DEFAULT '',
    "pre_edit_script" TEXT NOT NULL DEFAULT '',
    "on_edit_script" TEXT NOT NULL DEFAULT '',
    "post_process_script" TEXT NOT NULL DEFAULT '',
    "test_action" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_alias_templates_sys_id" ON "sys_alias_templates" (sys_id);
CREATE TABLE "sys_retry_policy" (
    "name" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_retry_policy_sys_id" ON "sys_retry_policy" (sys_id);
CREATE TABLE "http_connection" (
    "url_builder" INTEGER NOT NULL DEFAULT 0,
    "protocol" TEXT NOT NULL DEFAULT '',
    "host" TEXT NOT NULL DEFAULT '',
    "port" INTEGER,
    "base_path" TEXT NOT NULL DEFAULT '',
    "mutual_auth" INTEGER NOT NULL DEFAULT 0,
    "protocol_profile" TEXT NOT NULL DEFAULT '',
    "mid_protocol_profile" TEXT NOT NULL DEFAULT '',
    "name" TEXT NOT NULL DEFAULT '',
    "sys_class_name" TEXT NOT NULL DEFAULT 'http_connection',
    "active" INTEGER NOT NULL DEFAULT 1,
    "connection_alias" TEXT NOT NULL DEFAULT '',
    "credential" TEXT NOT NULL DEFAULT '',
    "connection_url" TEXT NOT NULL DEFAULT '',
    "use_mid" INTEGER NOT NULL DEFAULT 0,
    "mid_selection" TEXT NOT NULL DEFAULT '',
    "mid_server" TEXT NOT NULL DEFAULT '',
    "mid_cluster" TEXT NOT NULL DEFAULT '',
    "capabilities" TEXT NOT NULL DEFAULT '',
    "application" TEXT NOT NULL DEFAULT '',
    "connection_timeout" INTEGER,
    "connection_retries" INTEGER DEFAULT 0,
    "order" INTEGER DEFAULT 100,
    "extended_attributes" TEXT NOT NULL DEFAULT '',
    "app_scope" TEXT NOT NULL DEFAULT '',
    "is_internal" INTEGER NOT NULL DEFAULT 0,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_http_connection_sys_id" ON "http_connection" (sys_id);
CREATE TABLE "connection_attributes" (
    "connection" TEXT NOT NULL DEFAULT '',
    "attribute_name" TEXT NOT NULL DEFAULT '',
    "attribute_value" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_connection_attributes_sys_id" ON "connection_attributes" (sys_id);
CREATE TABLE "basic_auth_credentials" (
    "user_name" TEXT NOT NULL DEFAULT '',
    "password" TEXT NOT NULL DEFAULT '',
    "name" TEXT NOT NULL DEFAULT '',
    "sys_class_name" TEXT NOT NULL DEFAULT 'basic_auth_credentials',
    "type" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "order" INTEGER DEFAULT 100,
    "tag" TEXT NOT NULL DEFAULT '',
    "applies_to" TEXT NOT NULL DEFAULT '',
    "mid_list" TEXT NOT NULL DEFAULT '',
    "authentication_key" TEXT NOT NULL DEFAULT '',
    "use_context" INTEGER NOT NULL DEFAULT 0,
    "context_name" TEXT NOT NULL DEFAULT '',
    "external_storage" INTEGER NOT NULL DEFAULT 0,
    "credential_id" TEXT NOT NULL DEFAULT '',
    "application" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_basic_auth_credentials_sys_id" ON "basic_auth_credentials" (sys_id);
CREATE TABLE "api_key_credentials" (
    "api_key" TEXT NOT NULL DEFAULT '',
    "api_token" TEXT NOT NULL DEFAULT '',
    "name" TEXT NOT NULL DEFAULT '',
    "sys_class_name" TEXT NOT NULL DEFAULT 'api_key_credentials',
    "type" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "order" INTEGER DEFAULT 100,
    "tag" TEXT NOT NULL DEFAULT '',
    "applies_to" TEXT NOT NULL DEFAULT '',
    "mid_list" TEXT NOT NULL DEFAULT '',
    "authentication_key" TEXT NOT NULL DEFAULT '',
    "use_context" INTEGER NOT NULL DEFAULT 0,
    "context_name" TEXT NOT NULL DEFAULT '',
    "external_storage" INTEGER NOT NULL DEFAULT 0,
    "credential_id" TEXT NOT NULL DEFAULT '',
    "application" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_api_key_credentials_sys_id" ON "api_key_credentials" (sys_id);
CREATE TABLE "oauth_2_0_credentials" (
    "oauth_entity_profile" TEXT NOT NULL DEFAULT '',
    "integration_type" TEXT NOT NULL DEFAULT 'system',
    "name" TEXT NOT NULL DEFAULT '',
    "sys_class_name" TEXT NOT NULL DEFAULT 'oauth_2_0_credentials',
    "type" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "order" INTEGER DEFAULT 100,
    "tag" TEXT NOT NULL DEFAULT '',
    "applies_to" TEXT NOT NULL DEFAULT '',
    "mid_list" TEXT NOT NULL DEFAULT '',
    "authentication_key" TEXT NOT NULL DEFAULT '',
    "use_context" INTEGER NOT NULL DEFAULT 0,
    "context_name" TEXT NOT NULL DEFAULT '',
    "external_storage" INTEGER NOT NULL DEFAULT 0,
    "credential_id" TEXT NOT NULL DEFAULT '',
    "application" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_oauth_2_0_credentials_sys_id" ON "oauth_2_0_credentials" (sys_id);
CREATE TABLE "oauth_entity" (
    "name" TEXT NOT NULL DEFAULT '',
    "type" TEXT NOT NULL DEFAULT '',
    "client_id" TEXT NOT NULL DEFAULT '',
    "client_secret" TEXT NOT NULL DEFAULT '',
    "default_grant_type" TEXT NOT NULL DEFAULT 'authorization_code',
    "auth_url" TEXT NOT NULL DEFAULT '',
    "token_url" TEXT NOT NULL DEFAULT '',
    "revoke_token_url" TEXT NOT NULL DEFAULT '',
    "redirect_url" TEXT NOT NULL DEFAULT '',
    "code_challenge_method" TEXT NOT NULL DEFAULT '',
    "public_client" INTEGER NOT NULL DEFAULT 0,
    "use_mutual_auth" INTEGER NOT NULL DEFAULT 0,
    "oauth_api_script" TEXT NOT NULL DEFAULT '',
    "send_client_credentials_as" TEXT NOT NULL DEFAULT '',
    "access_token_lifespan" INTEGER,
    "refresh_token_lifespan" INTEGER DEFAULT 8640000,
    "active" INTEGER NOT NULL DEFAULT 1,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_oauth_entity_sys_id" ON "oauth_entity" (sys_id);
CREATE TABLE "oauth_entity_profile" (
    "name" TEXT NOT NULL DEFAULT '',
    "oauth_entity" TEXT NOT NULL DEFAULT '',
    "grant_type" TEXT NOT NULL DEFAULT '',
    "default" INTEGER NOT NULL DEFAULT 0,
    "jwt_provider" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_oauth_entity_profile_sys_id" ON "oauth_entity_profile" (sys_id);
CREATE TABLE "oauth_entity_scope" (
    "name" TEXT NOT NULL DEFAULT '',
    "oauth_entity_scope" TEXT NOT NULL DEFAULT '',
    "oauth_entity" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_oauth_entity_scope_sys_id" ON "oauth_entity_scope" (sys_id);
CREATE TABLE "oauth_entity_profile_scope" (
    "oauth_entity_profile" TEXT NOT NULL DEFAULT '',
    "oauth_entity_scope" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_oauth_entity_profile_scope_sys_id" ON "oauth_entity_profile_scope" (sys_id);
CREATE TABLE "oauth_credential" (
    "type" TEXT NOT NULL DEFAULT '',
    "peer" TEXT NOT NULL DEFAULT '',
    "user" TEXT NOT NULL DEFAULT '',
    "expires" TEXT NOT NULL DEFAULT '',
    "token" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_oauth_credential_sys_id" ON "oauth_credential" (sys_id);
CREATE TABLE "sys_hub_flow" (
    "name" TEXT NOT NULL DEFAULT '',
    "internal_name" TEXT NOT NULL DEFAULT '',
    "type" TEXT NOT NULL DEFAULT 'subflow',
    "active" INTEGER NOT NULL DEFAULT 1,
    "description" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_hub_flow_sys_id" ON "sys_hub_flow" (sys_id);
CREATE TABLE "sys_flow_context" (
    "name" TEXT NOT NULL DEFAULT '',
    "state" TEXT NOT NULL DEFAULT '',
    "error_state" TEXT NOT NULL DEFAULT '',
    "error_message" TEXT NOT NULL DEFAULT '',
    "run_time" INTEGER,
    "source_table" TEXT NOT NULL DEFAULT '',
    "source_record" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_flow_context_sys_id" ON "sys_flow_context" (sys_id);
CREATE TABLE "sys_outbound_http_log" (
    "url" TEXT NOT NULL DEFAULT '',
    "http_method" TEXT NOT NULL DEFAULT '',
    "response_status" INTEGER,
    "response_time" INTEGER,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_outbound_http_log_sys_id" ON "sys_outbound_http_log" (sys_id);
CREATE TABLE "sys_user" (
    "user_name" TEXT NOT NULL DEFAULT '',
    "name" TEXT NOT NULL DEFAULT '',
    "first_name" TEXT NOT NULL DEFAULT '',
    "last_name" TEXT NOT NULL DEFAULT '',
    "email" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "department" TEXT NOT NULL DEFAULT '',
    "cost_center" TEXT NOT NULL DEFAULT '',
    "source" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_user_sys_id" ON "sys_user" (sys_id);
CREATE TABLE "sys_user_group" (
    "name" TEXT NOT NULL DEFAULT '',
    "description" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "manager" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_user_group_sys_id" ON "sys_user_group" (sys_id);
CREATE TABLE "sys_user_grmember" (
    "user" TEXT NOT NULL DEFAULT '',
    "group" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_user_grmember_sys_id" ON "sys_user_grmember" (sys_id);
CREATE TABLE "cmn_department" (
    "name" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_cmn_department_sys_id" ON "cmn_department" (sys_id);
CREATE TABLE "cmn_cost_center" (
    "name" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_cmn_cost_center_sys_id" ON "cmn_cost_center" (sys_id);
CREATE TABLE "core_company" (
    "name" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_core_company_sys_id" ON "core_company" (sys_id);
CREATE TABLE "domain" (
    "name" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_domain_sys_id" ON "domain" (sys_id);
CREATE TABLE "sys_scope" (
    "scope" TEXT NOT NULL DEFAULT '',
    "name" TEXT NOT NULL DEFAULT '',
    "version" TEXT NOT NULL DEFAULT '',
    "active" INTEGER NOT NULL DEFAULT 1,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_scope_sys_id" ON "sys_scope" (sys_id);
CREATE TABLE "sys_properties" (
    "name" TEXT NOT NULL DEFAULT '',
    "value" TEXT NOT NULL DEFAULT '',
    "type" TEXT NOT NULL DEFAULT 'string',
    "description" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global',
    "sys_scope" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_properties_sys_id" ON "sys_properties" (sys_id);
CREATE TABLE "sam_saas_playbook_task" (
    "number" TEXT NOT NULL DEFAULT '',
    "sys_class_name" TEXT NOT NULL DEFAULT 'sam_saas_playbook_task',
    "short_description" TEXT NOT NULL DEFAULT '',
    "description" TEXT NOT NULL DEFAULT '',
    "state" INTEGER,
    "active" INTEGER NOT NULL DEFAULT 1,
    "opened_at" TEXT NOT NULL DEFAULT '',
    "opened_by" TEXT NOT NULL DEFAULT '',
    "closed_at" TEXT NOT NULL DEFAULT '',
    "closed_by" TEXT NOT NULL DEFAULT '',
    "assignment_group" TEXT NOT NULL DEFAULT '',
    "assigned_to" TEXT NOT NULL DEFAULT '',
    "work_notes" TEXT NOT NULL DEFAULT '',
    "close_notes" TEXT NOT NULL DEFAULT '',
    "cmdb_ci" TEXT NOT NULL DEFAULT '',
    "parent" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sam_saas_playbook_task_sys_id" ON "sam_saas_playbook_task" (sys_id);
CREATE TABLE "sys_email" (
    "type" TEXT NOT NULL DEFAULT 'send-ready',
    "subject" TEXT NOT NULL DEFAULT '',
    "body" TEXT NOT NULL DEFAULT '',
    "recipients" TEXT NOT NULL DEFAULT '',
    "target_table" TEXT NOT NULL DEFAULT '',
    "instance" TEXT NOT NULL DEFAULT '',
    "sent_on" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_sys_email_sys_id" ON "sys_email" (sys_id);
CREATE TABLE "x_snsam_tf_reclamation_run" (
    "number" TEXT NOT NULL DEFAULT '',
    "run_key" TEXT NOT NULL DEFAULT '',
    "kind" TEXT NOT NULL DEFAULT '',
    "subscription_profile" TEXT NOT NULL DEFAULT '',
    "profile_name" TEXT NOT NULL DEFAULT '',
    "requested" INTEGER,
    "reason" TEXT NOT NULL DEFAULT '',
    "change_reference" TEXT NOT NULL DEFAULT '',
    "approved_by" TEXT NOT NULL DEFAULT '',
    "run_url" TEXT NOT NULL DEFAULT '',
    "started_by" TEXT NOT NULL DEFAULT '',
    "currency" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_x_snsam_tf_reclamation_run_sys_id" ON "x_snsam_tf_reclamation_run" (sys_id);
CREATE TABLE "x_snsam_tf_reclamation_run_item" (
    "run" TEXT NOT NULL DEFAULT '',
    "candidate" TEXT NOT NULL DEFAULT '',
    "candidate_number" TEXT NOT NULL DEFAULT '',
    "outcome" TEXT NOT NULL DEFAULT '',
    "message" TEXT NOT NULL DEFAULT '',
    "product" TEXT NOT NULL DEFAULT '',
    "savings" TEXT NOT NULL DEFAULT '',
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_x_snsam_tf_reclamation_run_item_sys_id" ON "x_snsam_tf_reclamation_run_item" (sys_id);
CREATE TABLE "samp_user_resolution_rule" (
    "name" TEXT NOT NULL DEFAULT '',
    "category" TEXT NOT NULL DEFAULT 'saas',
    "source_field" TEXT NOT NULL DEFAULT 'user_principal_name',
    "lookup_field" TEXT NOT NULL DEFAULT 'email',
    "transform" TEXT NOT NULL DEFAULT 'none',
    "domain_from" TEXT NOT NULL DEFAULT '',
    "domain_to" TEXT NOT NULL DEFAULT '',
    "subscription_profiles" TEXT NOT NULL DEFAULT '',
    "order" INTEGER DEFAULT 100,
    "active" INTEGER NOT NULL DEFAULT 1,
    "sys_id" TEXT NOT NULL DEFAULT '',
    "sys_created_on" TEXT NOT NULL DEFAULT '',
    "sys_created_by" TEXT NOT NULL DEFAULT '',
    "sys_updated_on" TEXT NOT NULL DEFAULT '',
    "sys_updated_by" TEXT NOT NULL DEFAULT '',
    "sys_mod_count" INTEGER DEFAULT 0,
    "sys_domain" TEXT NOT NULL DEFAULT 'global'
);
CREATE UNIQUE INDEX "ix_samp_user_resolution_rule_sys_id" ON "samp_user_resolution_rule" (sys_id);
CREATE VIEW "sysauto" AS
SELECT "name", "sys_class_name", "active", "run_type", "run_time", "run_period", "run_start", "run_dayofweek", "run_dayofmonth", "run_as", "run_as_tz", "conditional", "condition", "sys_id", "sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count", "sys_domain", "sys_scope" FROM "sysauto_script";
CREATE VIEW "sys_connection" AS
SELECT "name", "sys_class_name", "active", "connection_alias", "credential", "connection_url", "use_mid", "mid_selection", "mid_server", "mid_cluster", "capabilities", "application", "connection_timeout", "connection_retries", "order", "extended_attributes", "app_scope", "is_internal", "sys_id", "sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count", "sys_domain" FROM "http_connection";
CREATE VIEW "discovery_credentials" AS
SELECT "name", "sys_class_name", "type", "active", "order", "tag", "applies_to", "mid_list", "authentication_key", "use_context", "context_name", "external_storage", "credential_id", "application", "sys_id", "sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count", "sys_domain" FROM "basic_auth_credentials"
UNION ALL
SELECT "name", "sys_class_name", "type", "active", "order", "tag", "applies_to", "mid_list", "authentication_key", "use_context", "context_name", "external_storage", "credential_id", "application", "sys_id", "sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count", "sys_domain" FROM "api_key_credentials"
UNION ALL
SELECT "name", "sys_class_name", "type", "active", "order", "tag", "applies_to", "mid_list", "authentication_key", "use_context", "context_name", "external_storage", "credential_id", "application", "sys_id", "sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count", "sys_domain" FROM "oauth_2_0_credentials";
CREATE VIEW "task" AS
SELECT "number", "sys_class_name", "short_description", "description", "state", "active", "opened_at", "opened_by", "closed_at", "closed_by", "assignment_group", "assigned_to", "work_notes", "close_notes", "cmdb_ci", "parent", "sys_id", "sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count", "sys_domain" FROM "samp_sw_reclamation_candidate"
UNION ALL
SELECT "number", "sys_class_name", "short_description", "description", "state", "active", "opened_at", "opened_by", "closed_at", "closed_by", "assignment_group", "assigned_to", "work_notes", "close_notes", "cmdb_ci", "parent", "sys_id", "sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count", "sys_domain" FROM "sam_saas_playbook_task";
CREATE UNIQUE INDEX "ix_subscription_key" ON "samp_sw_subscription" (subscription_profile, external_user_id, subscription_identifier);
CREATE INDEX "ix_subscription_profile" ON "samp_sw_subscription" (subscription_profile, sys_id, snsam_fingerprint, last_activity, external_created, restored_on, sys_created_on);
CREATE INDEX "ix_subscription_identifier" ON "samp_sw_subscription" (subscription_identifier, subscription_profile, software_model);
CREATE INDEX "ix_subscription_without_user" ON "samp_sw_subscription" (subscription_profile, external_user_id, user_principal_name) WHERE user = '';
CREATE INDEX "ix_subscription_excluded" ON "samp_sw_subscription" (sys_id) WHERE excluded_from_metering = 1;
CREATE UNIQUE INDEX "ix_profile_display_name" ON "samp_sw_subscription_profile" (display_name COLLATE NOCASE);
CREATE UNIQUE INDEX "ix_alias_id" ON "sys_alias" (id COLLATE NOCASE);
CREATE UNIQUE INDEX "ix_http_connection_name" ON "http_connection" (name COLLATE NOCASE);
CREATE UNIQUE INDEX "ix_oauth_entity_name" ON "oauth_entity" (name COLLATE NOCASE);
CREATE INDEX "ix_user_email" ON "sys_user" (email COLLATE NOCASE);
CREATE INDEX "ix_user_name" ON "sys_user" (user_name COLLATE NOCASE);
CREATE INDEX "ix_candidate_subscription" ON "samp_sw_reclamation_candidate" (user_subscription, active);
CREATE UNIQUE INDEX "ix_reclamation_run_key" ON "x_snsam_tf_reclamation_run" (run_key, subscription_profile);
CREATE INDEX "ix_reclamation_run_item_run" ON "x_snsam_tf_reclamation_run_item" (run, sys_id);
CREATE INDEX "ix_candidate_state" ON "samp_sw_reclamation_candidate" (state, sys_id);
CREATE INDEX "ix_candidate_open" ON "samp_sw_reclamation_candidate" (subscription_profile, reclamation_rule, user_subscription, state, justification, inactive_days, opened_at, user, potential_savings) WHERE active = 1;
CREATE INDEX "ix_email_waiting" ON "sys_email" (type, instance);
CREATE INDEX "ix_candidate_number" ON "samp_sw_reclamation_candidate" (number COLLATE NOCASE);
-- +goose StatementBegin
CREATE TRIGGER "tr_subscription_fingerprint" AFTER UPDATE OF subscription_profile, external_user_id, subscription_identifier, user_principal_name, vendor_user_name, external_created, last_activity ON "samp_sw_subscription"
WHEN new.snsam_fingerprint IS old.snsam_fingerprint AND new.snsam_fingerprint IS NOT NULL AND (new.last_activity < old.last_activity OR new.subscription_profile IS NOT old.subscription_profile OR new.external_user_id IS NOT old.external_user_id OR new.subscription_identifier IS NOT old.subscription_identifier OR new.user_principal_name IS NOT old.user_principal_name OR new.vendor_user_name IS NOT old.vendor_user_name OR new.external_created IS NOT old.external_created)
BEGIN
    UPDATE "samp_sw_subscription" SET snsam_fingerprint = NULL WHERE rowid = new.rowid;
END;
-- +goose StatementEnd
