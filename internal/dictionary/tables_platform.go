package dictionary

// Columns of users, groups, properties and application scopes that code names.
const (
	UserUserName      = "user_name"
	UserName          = "name"
	UserEmail         = "email"
	UserActive        = "active"
	UserDepartment    = "department"
	UserCostCenter    = "cost_center"
	UserSource        = "source"
	GroupName         = "name"
	PropertyName      = "name"
	PropertyValue     = "value"
	ScopeScope        = "scope"
	ScopeName         = "name"
	ScopeVersion      = "version"
	ScopeActive       = "active"
	TaskCloseNotes    = "close_notes"
	TaskDescription   = "description"
	TaskAssignedTo    = "assigned_to"
	TableDepartment   = "cmn_department"
	TableCostCenter   = "cmn_cost_center"
	TablePlaybookTask = "sam_saas_playbook_task"
	TableGroupMember  = "sys_user_grmember"
	MemberUser        = "user"
	MemberGroup       = "group"
	GroupManager      = "manager"
)

const (
	sourceUser     = "sys_user table (platform documentation)"
	sourceTask     = "task table (platform documentation)"
	sourceProperty = "sys_properties table (platform documentation)"
	sourceScope    = "@servicenow/sdk: sys_scope"
)

func platformTables() []Table {
	return []Table{
		{
			Name: TableUser, Label: "User", Display: UserName, Certainty: Doc, Source: sourceUser,
			Columns: []Column{
				text(UserUserName, "User ID", Doc, sourceUser),
				text(UserName, "Name", Doc, sourceUser),
				text("first_name", "First name", Doc, sourceUser),
				text("last_name", "Last name", Doc, sourceUser),
				text(UserEmail, "Email", Doc, sourceUser),
				boolean(UserActive, "Active", Doc, sourceUser, initially("true")),
				reference(UserDepartment, "Department", TableDepartment, Doc, sourceUser),
				reference(UserCostCenter, "Cost center", TableCostCenter, Doc, sourceUser),
				text(UserSource, "Source", Doc, sourceUser),
			},
		},
		namedTable(TableUserGroup, "Group", sourceUser,
			text("description", "Description", Doc, sourceUser),
			boolean("active", "Active", Doc, sourceUser, initially("true")),
			reference(GroupManager, "Manager", TableUser, Doc, sourceUser)),
		{
			Name: TableGroupMember, Label: "Group Member", Certainty: Doc, Source: "sys_user_grmember table (platform documentation)",
			Columns: []Column{
				reference(MemberUser, "User", TableUser, Doc, sourceUser, mandatory()),
				reference(MemberGroup, "Group", TableUserGroup, Doc, sourceUser, mandatory()),
			},
		},
		namedTable(TableDepartment, "Department", sourceUser),
		namedTable(TableCostCenter, "Cost Center", sourceUser),
		namedTable(TableCompany, "Company", "core_company table (platform documentation)"),
		namedTable(TableDomain, "Domain", "domain separation documentation"),
		{
			Name: TableScope, Label: "Application", Display: ScopeName, Certainty: Code, Source: sourceScope,
			Columns: []Column{
				text(ScopeScope, "Scope", Code, sourceScope, mandatory()),
				text(ScopeName, "Name", Code, sourceScope, mandatory()),
				text(ScopeVersion, "Version", Code, sourceScope),
				boolean(ScopeActive, "Active", Code, sourceScope, initially("true")),
			},
		},
		{
			Name: TableProperty, Label: "System Property", Metadata: true, Display: PropertyName, Certainty: Doc, Source: sourceProperty,
			Columns: []Column{
				text(PropertyName, "Name", Doc, sourceProperty, mandatory()),
				text(PropertyValue, "Value", Doc, sourceProperty),
				text("type", "Type", Doc, sourceProperty, initially("string")),
				text("description", "Description", Doc, sourceProperty),
			},
		},
		{Name: TableTask, Label: "Task", Abstract: true, Display: CandidateNumber, Certainty: Doc, Source: sourceTask, Columns: taskColumns()},
		{
			Name: TablePlaybookTask, Label: "SaaS Playbook Task", Extends: TableTask, Display: CandidateNumber, Certainty: Code,
			Source: "public code names the table",
		},
	}
}

func namedTable(name, label, source string, more ...Column) Table {
	return Table{
		Name: name, Label: label, Display: "name", Certainty: Doc, Source: source,
		Columns: append([]Column{text("name", "Name", Doc, source, mandatory())}, more...),
	}
}

func taskColumns() []Column {
	return []Column{
		text(CandidateNumber, "Number", Doc, sourceTask),
		text(SysClassName, "Task type", Doc, sourceTask, readOnly()),
		text(CandidateShortDescription, "Short description", Doc, sourceTask),
		text(TaskDescription, "Description", Doc, sourceTask),
		integer(CandidateState, "State", Doc, sourceTask),
		boolean(CandidateActive, "Active", Doc, sourceTask, initially("true")),
		dateTime(CandidateOpenedAt, "Opened", Doc, sourceTask),
		reference("opened_by", "Opened by", TableUser, Doc, sourceTask),
		dateTime(CandidateClosedAt, "Closed", Doc, sourceTask),
		reference("closed_by", "Closed by", TableUser, Doc, sourceTask),
		reference(CandidateAssignmentGroup, "Assignment group", TableUserGroup, Doc, sourceTask),
		reference(TaskAssignedTo, "Assigned to", TableUser, Doc, sourceTask),
		journal(CandidateWorkNotes, "Work notes", Doc, sourceTask),
		text(TaskCloseNotes, "Close notes", Doc, sourceTask),
		text("cmdb_ci", "Configuration item", Doc, sourceTask),
		text("parent", "Parent", Doc, sourceTask),
	}
}
