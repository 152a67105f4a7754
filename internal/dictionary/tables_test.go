package dictionary_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

var certainties = []dictionary.Certainty{dictionary.Doc, dictionary.Spec, dictionary.Code, dictionary.Assumed}

func TestTablesSayWhereTheyWereRead(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, table := range dictionary.Tables() {
		require.False(t, seen[table.Name], "table %s is listed twice", table.Name)
		seen[table.Name] = true
		require.NotEmpty(t, table.Label, table.Name)
		require.NotEmpty(t, table.Source, table.Name)
		require.Contains(t, certainties, table.Certainty, table.Name)
		for _, column := range table.Columns {
			at := table.Name + "." + column.Name
			require.NotEmpty(t, column.Name, table.Name)
			require.NotEmpty(t, column.Label, at)
			require.NotEmpty(t, column.Type, at)
			require.NotEmpty(t, column.Source, at)
			require.Contains(t, certainties, column.Certainty, at)
			for _, choice := range column.Choices {
				require.NotEmpty(t, choice.Value, at)
				require.NotEmpty(t, choice.Label, at)
				require.Contains(t, certainties, choice.Certainty, at)
			}
		}
	}
}

func TestReferencesPointToKnownTables(t *testing.T) {
	t.Parallel()
	for _, table := range dictionary.Tables() {
		if table.Extends != "" {
			parent, ok := dictionary.TableByName(table.Extends)
			require.True(t, ok, "%s extends %s", table.Name, table.Extends)
			require.True(t, parent.Abstract, "%s extends %s", table.Name, table.Extends)
		}
		for _, column := range dictionary.ColumnsOf(table.Name) {
			refers := column.Type == dictionary.Reference || column.Type == dictionary.List
			require.Equal(t, refers, column.Reference != "", "%s.%s", table.Name, column.Name)
			if refers {
				_, ok := dictionary.TableByName(column.Reference)
				require.True(t, ok, "%s.%s refers to %s", table.Name, column.Name, column.Reference)
			}
		}
		if table.Display != "" {
			_, ok := dictionary.ColumnOf(table.Name, table.Display)
			require.True(t, ok, "%s displays %s", table.Name, table.Display)
		}
	}
}

func TestChoiceColumnsListTheirDefault(t *testing.T) {
	t.Parallel()
	for _, table := range dictionary.Tables() {
		for _, column := range dictionary.ColumnsOf(table.Name) {
			if column.Type == dictionary.Choice {
				require.NotEmpty(t, column.Choices, "%s.%s", table.Name, column.Name)
			}
			if column.Default == "" || len(column.Choices) == 0 {
				continue
			}
			var values []string
			for _, choice := range column.Choices {
				values = append(values, choice.Value)
			}
			require.Contains(t, values, column.Default, "%s.%s", table.Name, column.Name)
		}
	}
}

func TestColumnsOfInheritsAndOverrides(t *testing.T) {
	t.Parallel()
	byName := map[string]dictionary.Column{}
	columns := dictionary.ColumnsOf(dictionary.TableCandidate)
	for _, column := range columns {
		require.NotContains(t, byName, column.Name)
		byName[column.Name] = column
	}
	require.Contains(t, byName, dictionary.CandidateNumber, "from task")
	require.Equal(t, dictionary.StateReady, byName[dictionary.CandidateState].Default, "the candidate's own state, not task's")
	require.Len(t, byName[dictionary.CandidateState].Choices, len(dictionary.CandidateStates()))
	require.Equal(t, dictionary.TableCandidate, byName[dictionary.SysClassName].Default)
	require.Equal(t, columns, dictionary.ColumnsOf(dictionary.TableCandidate), "the order is stable")
	require.NotContains(t, byName, dictionary.SysScope)

	_, scoped := dictionary.ColumnOf(dictionary.TableScheduledJob, dictionary.SysScope)
	require.True(t, scoped, "a class of a metadata table is one too")
	require.Nil(t, dictionary.ColumnsOf("samp_saas_user"))
}

func TestNamedColumnsExist(t *testing.T) {
	t.Parallel()
	named := map[string][]string{
		dictionary.TableProfile: {
			dictionary.ProfileDisplayName, dictionary.ProfileStatus, dictionary.ProfileType_, dictionary.ProfileAlias, dictionary.ProfileDownload,
			dictionary.ProfileDownloadSubflow, dictionary.ProfileDownloadActivity, dictionary.ProfileActivitySubflow, dictionary.ProfileAnalyzeFrom,
			dictionary.ProfileReclaim, dictionary.ProfileReclaimSubflow, dictionary.ProfileCustomProperties, dictionary.ProfileVendorConfDownload,
			dictionary.ProfileVendorConfActivity, dictionary.ProfileVendorConfReclaim,
		},
		dictionary.TableSubscription: {
			dictionary.SubscriptionDisplayName, dictionary.SubscriptionUPN, dictionary.SubscriptionExternalUserID, dictionary.SubscriptionUser,
			dictionary.SubscriptionUserSource, dictionary.SubscriptionIdentifier, dictionary.SubscriptionSoftwareModel, dictionary.SubscriptionPublisher,
			dictionary.SubscriptionProduct, dictionary.SubscriptionProfile, dictionary.SubscriptionExternalCreated, dictionary.SubscriptionLastActivity,
			dictionary.SubscriptionInactiveDays, dictionary.SubscriptionActive, dictionary.SubscriptionState, dictionary.SubscriptionSourced,
		},
		dictionary.TableCandidate: {
			dictionary.CandidateNumber, dictionary.CandidateState, dictionary.CandidateActive, dictionary.CandidateJustification,
			dictionary.CandidateAppliesTo, dictionary.CandidateSubscription, dictionary.CandidateUser, dictionary.CandidateRule,
			dictionary.CandidateNotifyUser, dictionary.CandidateInactiveDays, dictionary.CandidatePotentialSavings, dictionary.CandidateSoftwareModel,
			dictionary.CandidateProduct, dictionary.CandidatePublisher, dictionary.CandidateProfile, dictionary.CandidateErrorMessage,
			dictionary.CandidateAssignmentGroup, dictionary.CandidateWorkNotes, dictionary.CandidateOpenedAt, dictionary.CandidateClosedAt,
			dictionary.CandidateShortDescription,
		},
		dictionary.TableReclamationRule: {
			dictionary.RuleName, dictionary.RuleAppliesTo, dictionary.RuleCreateCandidate, dictionary.RuleThresholdDays, dictionary.RuleNotifyUser,
			dictionary.RuleDaysBeforeAuto, dictionary.RuleAssignmentGroup, dictionary.RuleActive, dictionary.RuleManagedBy,
		},
		dictionary.TableScheduledJob: {
			dictionary.JobName, dictionary.JobActive, dictionary.JobRunType, dictionary.JobRunTime, dictionary.JobNextRun, dictionary.JobProfile,
		},
		dictionary.TableJobLog: {
			dictionary.JobLogNumber, dictionary.JobLogName, dictionary.JobLogStatus, dictionary.JobLogProfile, dictionary.JobLogMessage,
		},
		dictionary.TableExecutionTracker: {
			dictionary.TrackerState, dictionary.TrackerPercent, dictionary.TrackerMessage, dictionary.TrackerDetail, dictionary.TrackerResult,
			dictionary.TrackerSource, dictionary.TrackerParent, dictionary.TrackerName, dictionary.TrackerProfile, dictionary.TrackerWork,
		},
		dictionary.TableAlias: {
			dictionary.AliasName, dictionary.AliasID, dictionary.AliasType, dictionary.AliasParent, dictionary.AliasTemplate, dictionary.AliasRetryPolicy,
		},
		dictionary.TableHTTPConnection: {
			dictionary.ConnectionName, dictionary.ConnectionActive, dictionary.ConnectionAlias, dictionary.ConnectionCred, dictionary.ConnectionURL,
		},
		dictionary.TableAPIKeyCredential: {
			dictionary.CredentialName, dictionary.CredentialActive, dictionary.CredentialAPIKey, dictionary.CredentialAPIToken,
		},
		dictionary.TableUser: {
			dictionary.UserUserName, dictionary.UserName, dictionary.UserEmail, dictionary.UserActive, dictionary.UserDepartment,
			dictionary.UserCostCenter, dictionary.UserSource,
		},
		dictionary.TableSoftwareModel: {
			dictionary.ModelName, dictionary.ModelDisplayName, dictionary.ModelManufacturer, dictionary.ModelStatus, dictionary.ModelProduct,
			dictionary.ModelPublisher, dictionary.ModelIdentifier,
		},
		dictionary.TableProductDefinition: {
			dictionary.DefinitionID, dictionary.DefinitionProfile, dictionary.DefinitionProduct, dictionary.DefinitionActive,
		},
		dictionary.TableRuleProduct: {dictionary.RuleProductRule, dictionary.RuleProductProduct, "parent"},
		dictionary.TableUserGroup:   {dictionary.GroupName},
		dictionary.TableProperty:    {dictionary.PropertyName, dictionary.PropertyValue},
	}
	for table, columns := range named {
		for _, column := range columns {
			_, ok := dictionary.ColumnOf(table, column)
			require.True(t, ok, "%s.%s", table, column)
		}
	}
}

func TestSecretsAreTwoWayEncrypted(t *testing.T) {
	t.Parallel()
	for _, column := range []string{dictionary.CredentialAPIKey, dictionary.CredentialAPIToken} {
		c, ok := dictionary.ColumnOf(dictionary.TableAPIKeyCredential, column)
		require.True(t, ok)
		require.Equal(t, dictionary.Password2, c.Type, column)
	}
}
