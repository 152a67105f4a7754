package provider

import (
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The environment variables of what an embedded instance stores of people, and for how long.
const (
	EnvCreateUsers           = "SERVICENOWSAM_CREATE_USERS"
	EnvRetentionDays         = "SERVICENOWSAM_RETENTION_DAYS"
	EnvEvidenceRetentionDays = "SERVICENOWSAM_EVIDENCE_RETENTION_DAYS"
	EnvRedactUsers           = "SERVICENOWSAM_REDACT_USERS"
)

// People is what an embedded instance stores of people, and for how long.
type People struct {
	CreateUsers           bool
	RetentionDays         int // 0 means for ever
	EvidenceRetentionDays int // 0 means for ever
}

// PeopleOf reads the settings of the environment.
func PeopleOf(getenv func(string) string) (People, error) {
	people := People{CreateUsers: true}
	var err error
	if people.CreateUsers, err = environmentBool(getenv, EnvCreateUsers, true); err != nil {
		return people, err
	}
	if people.RetentionDays, err = environmentDays(getenv, EnvRetentionDays, 1); err != nil {
		return people, err
	}
	people.EvidenceRetentionDays, err = environmentDays(getenv, EnvEvidenceRetentionDays, minEvidenceDays)
	return people, err
}

func environmentBool(getenv func(string) string, name string, otherwise bool) (bool, error) {
	text := getenv(name)
	if text == "" {
		return otherwise, nil
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		return otherwise, fmt.Errorf("the environment variable %s is %q; set it to true or false", name, text)
	}
	return value, nil
}

func environmentDays(getenv func(string) string, name string, least int) (int, error) {
	text := getenv(name)
	if text == "" {
		return 0, nil
	}
	days, err := strconv.Atoi(text)
	if err != nil || days < least || days > maxRetentionDays {
		return 0, fmt.Errorf("the environment variable %s is %q; set it to a number of days from %d to %d", name, text, least, maxRetentionDays)
	}
	return days, nil
}

const (
	maxRetentionDays = 36500
	minEvidenceDays  = 365 // evidence that is gone before the year is audited is none
)

// people are the settings of the block and, where it is silent, of the environment.
func (p *Provider) people(m embeddedModel) (People, diag.Diagnostics) {
	var diags diag.Diagnostics
	people, err := PeopleOf(p.options.Getenv)
	if err != nil {
		diags.AddAttributeError(path.Root("embedded"), "An environment variable is not understood", fmt.Sprintf("Configuring the provider: %s.", err))
	}
	if !m.CreateUsers.IsNull() {
		people.CreateUsers = m.CreateUsers.ValueBool()
	}
	if !m.RetentionDays.IsNull() {
		people.RetentionDays = int(m.RetentionDays.ValueInt64())
	}
	if !m.EvidenceRetentionDays.IsNull() {
		people.EvidenceRetentionDays = int(m.EvidenceRetentionDays.ValueInt64())
	}
	return people, diags
}

// redactUsers is the default of redact_users.
func (p *Provider) redactUsers(configured types.Bool) (bool, diag.Diagnostics) {
	if !configured.IsNull() {
		return configured.ValueBool(), nil
	}
	redact, err := environmentBool(p.options.Getenv, EnvRedactUsers, false)
	if err != nil {
		return false, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("redact_users"), "An environment variable is not understood",
			fmt.Sprintf("Configuring the provider: %s.", err))}
	}
	return redact, nil
}
