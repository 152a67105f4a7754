package dictionary

// option changes one property of a column under construction.
type option func(*Column)

func makeColumn(t Type, name, label string, c Certainty, source string, options []option) Column {
	column := Column{Name: name, Label: label, Type: t, Certainty: c, Source: source}
	for _, apply := range options {
		apply(&column)
	}
	return column
}

func text(name, label string, c Certainty, source string, options ...option) Column {
	return makeColumn(String, name, label, c, source, options)
}

func integer(name, label string, c Certainty, source string, options ...option) Column {
	return makeColumn(Integer, name, label, c, source, options)
}

func decimal(name, label string, c Certainty, source string) Column {
	return makeColumn(Decimal, name, label, c, source, nil)
}

func boolean(name, label string, c Certainty, source string, options ...option) Column {
	return makeColumn(Boolean, name, label, c, source, options)
}

func dateTime(name, label string, c Certainty, source string, options ...option) Column {
	return makeColumn(DateTime, name, label, c, source, options)
}

func date(name, label string, c Certainty, source string) Column {
	return makeColumn(Date, name, label, c, source, nil)
}

func duration(name, label string, c Certainty, source string, options ...option) Column {
	return makeColumn(Duration, name, label, c, source, options)
}

func currency(name, label string, c Certainty, source string, options ...option) Column {
	return makeColumn(Currency, name, label, c, source, options)
}

func journal(name, label string, c Certainty, source string, options ...option) Column {
	return makeColumn(Journal, name, label, c, source, options)
}

func secret(name, label string, c Certainty, source string) Column {
	return makeColumn(Password2, name, label, c, source, nil)
}

func address(name, label string, c Certainty, source string) Column {
	return makeColumn(URL, name, label, c, source, nil)
}

func document(name, label string, c Certainty, source string) Column {
	return makeColumn(JSON, name, label, c, source, nil)
}

func choice(name, label string, c Certainty, source string, values []ChoiceValue, options ...option) Column {
	column := makeColumn(Choice, name, label, c, source, options)
	column.Choices = values
	return column
}

func reference(name, label, table string, c Certainty, source string, options ...option) Column {
	column := makeColumn(Reference, name, label, c, source, options)
	column.Reference = table
	return column
}

func list(name, label, table string, c Certainty, source string, options ...option) Column {
	column := makeColumn(List, name, label, c, source, options)
	column.Reference = table
	return column
}

func initially(value string) option { return func(c *Column) { c.Default = value } }

func readOnly() option { return func(c *Column) { c.ReadOnly = true } }

func mandatory() option { return func(c *Column) { c.Mandatory = true } }

func among(values []ChoiceValue) option { return func(c *Column) { c.Choices = values } }

// choices pairs stored values with labels: value, label, value, label, ...
func choices(c Certainty, pairs ...string) []ChoiceValue {
	values := make([]ChoiceValue, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		values = append(values, ChoiceValue{Value: pairs[i], Label: pairs[i+1], Certainty: c})
	}
	return values
}

// labelsAsValues is a choice list whose stored values equal the labels.
func labelsAsValues(c Certainty, labels ...string) []ChoiceValue {
	values := make([]ChoiceValue, 0, len(labels))
	for _, label := range labels {
		values = append(values, ChoiceValue{Value: label, Label: label, Certainty: c})
	}
	return values
}

func candidateStateChoices() []ChoiceValue {
	states := CandidateStates()
	values := make([]ChoiceValue, 0, len(states))
	for _, s := range states {
		values = append(values, ChoiceValue{Value: s.Value, Label: s.Label, Certainty: s.Certainty})
	}
	return values
}
