package dictionary

// Classes of credentials beside TableAPIKeyCredential, retry policies and connection attributes.
const (
	TableBasicCredential      = "basic_auth_credentials"
	TableOAuthCredential      = "oauth_2_0_credentials"
	TableRetryPolicy          = "sys_retry_policy"
	TableConnectionAttribute  = "connection_attributes"
	AliasTypeConnection       = "connection"
	AliasTypeCredential       = "credential"
	AliasConnectionType       = "connection_type"
	AliasMultipleConnections  = "multiple_connections"
	AliasDescription          = "description"
	DefaultHTTPRetryPolicy    = "Default HTTP Retry Policy"
	TemplateName              = "name"
	TemplateSchema            = "dynamic_data_schema"
	TemplateDefaults          = "default_data_template"
	CredentialUserName        = "user_name"
	CredentialPassword        = "password"
	CredentialTag             = "tag"
	CredentialType            = "type"
	CredentialAuthEntity      = "oauth_entity_profile"
	RetryPolicyName           = "name"
	ConnectionAttributeOwner  = "connection"
	ConnectionAttributeName   = "attribute_name"
	ConnectionAttributeValue  = "attribute_value"
	defaultConnectionPriority = "100"
)

const (
	sourceAlias      = "@servicenow/sdk-core: sys_alias; connection-alias.md"
	sourceTemplate   = "spoke-configuration-template.md; @servicenow/glide typings"
	sourceConnection = "@servicenow/glide typings of sys_connection and http_connection"
	sourceCredential = "@servicenow/glide typings of discovery_credentials"
	sourceAttribute  = "connection attributes are documented; column names are assumed"
)

func connectionTables() []Table {
	return []Table{
		{Name: TableAlias, Label: "Connection & Credential Alias", Metadata: true, Display: AliasName, Certainty: Code, Source: sourceAlias, Columns: aliasColumns()},
		{
			Name: TableAliasTemplate, Label: "Configuration Template", Metadata: true, Display: TemplateName, Certainty: Code, Source: sourceTemplate,
			Columns: []Column{
				text(TemplateName, "Name", Code, sourceTemplate, mandatory()),
				document(TemplateSchema, "Dynamic data schema", Code, sourceTemplate),
				document(TemplateDefaults, "Default data template", Code, sourceTemplate),
				text("pre_edit_script", "Pre-edit script", Code, sourceTemplate),
				text("on_edit_script", "On-edit script", Code, sourceTemplate),
				text("post_process_script", "Post-process script", Code, sourceTemplate),
				text("test_action", "Test action", Code, sourceTemplate),
			},
		},
		{
			Name: TableRetryPolicy, Label: "Retry Policy", Metadata: true, Display: RetryPolicyName, Certainty: Code, Source: sourceAlias,
			Columns: []Column{text(RetryPolicyName, "Name", Code, sourceAlias, mandatory())},
		},
		{
			Name: TableConnection, Label: "Connection", Abstract: true, Display: ConnectionName, Certainty: Code, Source: sourceConnection,
			Columns: connectionColumns(),
		},
		{
			Name: TableHTTPConnection, Label: "HTTP(s) Connection", Extends: TableConnection, Display: ConnectionName, Certainty: Code, Source: sourceConnection,
			Columns: httpConnectionColumns(),
		},
		{
			Name: TableConnectionAttribute, Label: "Connection Attribute", Display: ConnectionAttributeName, Certainty: Doc, Source: sourceAttribute,
			Columns: []Column{
				reference(ConnectionAttributeOwner, "Connection", TableHTTPConnection, Assumed, sourceAttribute),
				text(ConnectionAttributeName, "Name", Assumed, sourceAttribute),
				text(ConnectionAttributeValue, "Value", Assumed, sourceAttribute),
			},
		},
		{
			Name: TableCredential, Label: "Credential", Abstract: true, Display: CredentialName, Certainty: Code, Source: sourceCredential,
			Columns: credentialColumns(),
		},
		{
			Name: TableBasicCredential, Label: "Basic Auth Credentials", Extends: TableCredential, Display: CredentialName, Certainty: Code, Source: sourceCredential,
			Columns: []Column{
				text(CredentialUserName, "User name", Code, sourceCredential),
				secret(CredentialPassword, "Password", Code, sourceCredential),
			},
		},
		{
			Name: TableAPIKeyCredential, Label: "API Key Credentials", Extends: TableCredential, Display: CredentialName, Certainty: Code, Source: sourceCredential,
			Columns: []Column{
				secret(CredentialAPIKey, "API Key", Code, sourceCredential),
				secret(CredentialAPIToken, "API Token", Assumed, "integrate-with-trello.md gives the label; where the spoke stores the token is assumed"),
			},
		},
		{
			Name: TableOAuthCredential, Label: "OAuth 2.0 Credentials", Extends: TableCredential, Display: CredentialName, Certainty: Code, Source: sourceCredential,
			Columns: []Column{
				reference(CredentialAuthEntity, "OAuth Entity Profile", "oauth_entity_profile", Code, sourceCredential),
				choice("integration_type", "Integration type", Code, sourceCredential, choices(Code, "system", "System", "personal", "Personal"), initially("system")),
			},
		},
	}
}

func aliasColumns() []Column {
	return []Column{
		text(AliasName, "Name", Code, sourceAlias, mandatory()),
		text(AliasID, "ID", Code, sourceAlias, readOnly()),
		choice(AliasType, "Type", Code, sourceAlias, choices(Code, AliasTypeConnection, "Connection and Credential", AliasTypeCredential, "Credential"), initially(AliasTypeConnection)),
		choice(AliasConnectionType, "Connection type", Code, sourceAlias,
			choices(Code, TableHTTPConnection, "HTTP", "jdbc_connection", "JDBC", TableConnection, "Basic", "orch_jms_ds", "JMS"), initially(TableHTTPConnection)),
		text(AliasDescription, "Description", Code, sourceAlias),
		reference(AliasParent, "Parent Alias", TableAlias, Code, sourceAlias),
		reference(AliasTemplate, "Configuration Template", TableAliasTemplate, Code, sourceAlias),
		reference(AliasRetryPolicy, "Default Retry Policy", TableRetryPolicy, Code, sourceAlias),
		boolean(AliasMultipleConnections, "Support Multiple Active Connections", Code, sourceAlias, initially("false")),
		boolean("is_internal", "Is internal", Code, sourceAlias, initially("false")),
	}
}

func connectionColumns() []Column {
	return []Column{
		text(ConnectionName, "Name", Code, sourceConnection, mandatory()),
		text(SysClassName, "Class", Code, sourceConnection, readOnly()),
		boolean(ConnectionActive, "Active", Code, sourceConnection, initially("true")),
		reference(ConnectionAlias, "Connection alias", TableAlias, Code, sourceConnection),
		reference(ConnectionCred, "Credential", TableCredential, Code, sourceConnection),
		address(ConnectionURL, "Connection URL", Code, sourceConnection),
		boolean("use_mid", "Use MID server", Code, sourceConnection, initially("false")),
		choice("mid_selection", "MID selection", Code, sourceConnection,
			choices(Code, "auto_select", "Auto-Select MID Server", "specific_mid_server", "Specific MID Server", "specific_mid_cluster", "Specific MID Cluster")),
		text("mid_server", "MID server", Code, sourceConnection),
		text("mid_cluster", "MID cluster", Code, sourceConnection),
		text("capabilities", "Capabilities", Code, sourceConnection),
		text("application", "Application", Code, sourceConnection),
		integer("connection_timeout", "Connection timeout", Code, sourceConnection+"; milliseconds"),
		integer("connection_retries", "Connection retries", Code, sourceConnection, initially("0")),
		integer("order", "Order", Code, sourceConnection, initially(defaultConnectionPriority)),
		text("extended_attributes", "Extended attributes", Code, sourceConnection),
		reference("app_scope", "Application scope", TableScope, Code, sourceConnection),
		boolean("is_internal", "Is internal", Code, sourceConnection, initially("false")),
	}
}

func httpConnectionColumns() []Column {
	return []Column{
		boolean("url_builder", "URL builder", Code, sourceConnection, initially("false")),
		text("protocol", "Protocol", Code, sourceConnection),
		text("host", "Host", Code, sourceConnection),
		integer("port", "Override default port", Code, sourceConnection),
		text("base_path", "Base path", Code, sourceConnection),
		boolean("mutual_auth", "Mutual authentication", Code, sourceConnection, initially("false")),
		text("protocol_profile", "Protocol profile", Code, sourceConnection),
		text("mid_protocol_profile", "MID protocol profile", Code, sourceConnection),
	}
}

func credentialColumns() []Column {
	return []Column{
		text(CredentialName, "Name", Code, sourceCredential, mandatory()),
		text(SysClassName, "Class", Code, sourceCredential, readOnly()),
		text(CredentialType, "Type", Code, sourceCredential),
		boolean(CredentialActive, "Active", Code, sourceCredential, initially("true")),
		integer("order", "Order", Code, sourceCredential, initially(defaultConnectionPriority)),
		list(CredentialTag, "Credential alias", TableAlias, Code, sourceCredential),
		text("applies_to", "Applies to", Code, sourceCredential),
		text("mid_list", "MID servers", Code, sourceCredential),
		secret("authentication_key", "Authentication key", Code, sourceCredential),
		boolean("use_context", "Use context", Code, sourceCredential),
		text("context_name", "Context name", Code, sourceCredential),
		boolean("external_storage", "External credential store", Assumed, "the flag is documented; its column name is assumed"),
		text("credential_id", "Credential ID", Code, sourceCredential),
		reference("application", "Application", TableScope, Code, sourceCredential),
	}
}
