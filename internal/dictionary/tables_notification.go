package dictionary

// The outbox. A row waits in type send-ready for a delivery channel, which sets it to sent.
const (
	TableEmail = "sys_email"

	EmailType        = "type"
	EmailSubject     = "subject"
	EmailBody        = "body"
	EmailRecipients  = "recipients"
	EmailTargetTable = "target_table"
	EmailTarget      = "instance" // sys_id of the record that the message is about
	EmailSentOn      = "sent_on"  // ours: when the channel delivered it; the clock of an answer starts here

	EmailReady   = "send-ready"
	EmailSent    = "sent"
	EmailFailed  = "send-failed"
	EmailIgnored = "send-ignored" // withdrawn before it was sent
)

func notificationTables() []Table {
	const source = "sys_email table (platform documentation)"
	return []Table{{
		Name: TableEmail, Label: "Email", Display: EmailSubject, Certainty: Doc, Source: source,
		Columns: []Column{
			choice(EmailType, "Type", Doc, source, choices(Doc, EmailReady, "Send-ready", EmailSent, "Sent", EmailFailed, "Send-failed",
				EmailIgnored, "Send-ignored"), initially(EmailReady)),
			text(EmailSubject, "Subject", Doc, source),
			text(EmailBody, "Body", Doc, source),
			text(EmailRecipients, "Recipients", Doc, source),
			text(EmailTargetTable, "Target table", Doc, source),
			text(EmailTarget, "Target", Doc, source),
			dateTime(EmailSentOn, "Sent", Assumed, "not on ServiceNow: when the message was delivered"),
		},
	}}
}
