package dictionary

import "sync"

// Names of base classes and of the column that tells a row's class.
const (
	TableTask       = "task"
	TableConnection = "sys_connection"
	TableCredential = "discovery_credentials"
	TableSchedule   = "sysauto"
	TableScope      = "sys_scope"
	TableDomain     = "domain"

	SysClassName = "sys_class_name"
)

var catalogue = sync.OnceValue(buildCatalogue)

type tableCatalogue struct {
	tables  []Table
	byName  map[string]Table
	columns map[string][]Column
}

func buildCatalogue() tableCatalogue {
	c := tableCatalogue{byName: map[string]Table{}, columns: map[string][]Column{}}
	for _, group := range [][]Table{
		profileTables(), subscriptionTables(), reclamationTables(), productTables(), entitlementTables(),
		resultTables(), jobTables(), connectionTables(), oauthTables(), flowTables(), platformTables(),
		notificationTables(), evidenceTables(), resolutionTables(),
	} {
		c.tables = append(c.tables, group...)
	}
	for _, t := range c.tables {
		c.byName[t.Name] = t
	}
	for _, t := range c.tables {
		c.columns[t.Name] = c.allColumns(t)
	}
	return c
}

// allColumns is t's own columns, then each ancestor's that are not overridden, then the sys_ columns.
func (c tableCatalogue) allColumns(t Table) []Column {
	var columns []Column
	seen := map[string]bool{}
	add := func(candidates []Column) {
		for _, column := range candidates {
			if seen[column.Name] {
				continue
			}
			seen[column.Name] = true
			if column.Name == SysClassName {
				column.Default = t.Name
			}
			columns = append(columns, column)
		}
	}
	metadata := false
	for class, ok := t, true; ok; class, ok = c.byName[class.Extends] {
		add(class.Columns)
		metadata = metadata || class.Metadata
	}
	add(systemColumns(metadata))
	return columns
}

// Tables lists every table of the data model, grouped by topic.
func Tables() []Table {
	return append([]Table(nil), catalogue().tables...)
}

// TableByName finds a table.
func TableByName(name string) (Table, bool) {
	t, ok := catalogue().byName[name]
	return t, ok
}

// ColumnsOf lists all columns of a table in a stable order: its own, the inherited ones, then the sys_ columns. A column
// that a class defines again replaces the inherited one. It is nil for an unknown table.
func ColumnsOf(table string) []Column {
	return append([]Column(nil), catalogue().columns[table]...)
}

// ColumnOf finds one column of a table, inherited and sys_ columns included.
func ColumnOf(table, column string) (Column, bool) {
	for _, c := range catalogue().columns[table] {
		if c.Name == column {
			return c, true
		}
	}
	return Column{}, false
}

// systemColumns are the columns the platform gives every table.
func systemColumns(metadata bool) []Column {
	const source = "Table API: system columns of every record"
	columns := []Column{
		text(SysID, "Sys ID", Doc, source),
		dateTime(SysCreatedOn, "Created", Doc, source),
		text(SysCreatedBy, "Created by", Doc, source),
		dateTime(SysUpdatedOn, "Updated", Doc, source),
		text(SysUpdatedBy, "Updated by", Doc, source),
		integer(SysModCount, "Updates", Doc, source, initially("0")),
		reference(SysDomain, "Domain", TableDomain, Doc, "domain separation: column sys_domain", initially(DomainGlobal)),
	}
	if metadata {
		columns = append(columns, reference(SysScope, "Application", TableScope, Code,
			"@servicenow/sdk-core: sys_metadata.sys_scope", initially("global")))
	}
	return columns
}
