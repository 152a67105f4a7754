package dictionary

// Columns of a subflow (TableSubflow).
const (
	SubflowName         = "name"
	SubflowInternalName = "internal_name"
	SubflowType         = "type"
	SubflowActive       = "active"
)

const (
	sourceFlow        = "@servicenow/sdk: sys_hub_flow"
	sourceFlowContext = "sys_flow_context over the Table API (FlowAPI documentation)"
	sourceHTTPLog     = "outbound HTTP log is documented; column names are assumed"
)

func flowTables() []Table {
	return []Table{
		{
			Name: TableSubflow, Label: "Flow", Metadata: true, Display: SubflowName, Certainty: Code, Source: sourceFlow,
			Columns: []Column{
				text(SubflowName, "Name", Code, sourceFlow, mandatory()),
				text(SubflowInternalName, "Internal name", Code, sourceFlow),
				choice(SubflowType, "Type", Code, sourceFlow, choices(Code, "flow", "Flow", "subflow", "Subflow"), initially("subflow")),
				boolean(SubflowActive, "Active", Code, sourceFlow, initially("true")),
				text("description", "Description", Code, sourceFlow),
			},
		},
		{
			Name: "sys_flow_context", Label: "Flow Context", Display: "name", Certainty: Doc, Source: sourceFlowContext,
			Columns: []Column{
				text("name", "Name", Doc, sourceFlowContext),
				choice("state", "State", Doc, sourceFlowContext,
					choices(Doc, "QUEUED", "Queued", "IN_PROGRESS", "In Progress", "WAITING", "Waiting", "COMPLETE", "Complete", "ERROR", "Error", "CANCELLED", "Cancelled")),
				choice("error_state", "Error state", Doc, sourceFlowContext,
					choices(Doc, "NONE", "None", "ERROR_CAUGHT", "Error Caught", "ERROR_SKIPPED", "Error Skipped")),
				text("error_message", "Error message", Doc, sourceFlowContext),
				integer("run_time", "Run time", Doc, sourceFlowContext+"; milliseconds"),
				text("source_table", "Source table", Doc, sourceFlowContext),
				text("source_record", "Source record", Doc, sourceFlowContext),
			},
		},
		{
			Name: "sys_outbound_http_log", Label: "Outbound HTTP Log", Certainty: Doc, Source: "KB2468178",
			Columns: []Column{
				address("url", "URL", Assumed, sourceHTTPLog),
				text("http_method", "HTTP method", Assumed, sourceHTTPLog),
				integer("response_status", "Response status", Assumed, sourceHTTPLog),
				integer("response_time", "Response time", Assumed, sourceHTTPLog+"; milliseconds"),
			},
		},
	}
}
