package dictionary_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

func seedsByTable() map[string]map[string]dictionary.Seed {
	seeds := map[string]map[string]dictionary.Seed{}
	for _, seed := range dictionary.Seeds() {
		if seeds[seed.Table] == nil {
			seeds[seed.Table] = map[string]dictionary.Seed{}
		}
		seeds[seed.Table][seed.Key] = seed
	}
	return seeds
}

func TestSeedsFitTheTables(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, seed := range dictionary.Seeds() {
		at := seed.Table + " " + seed.Key
		table, ok := dictionary.TableByName(seed.Table)
		require.True(t, ok, at)
		require.False(t, table.Abstract, at)
		require.NotEmpty(t, seed.Source, at)
		require.Contains(t, certainties, seed.Certainty, at)
		require.False(t, known[seed.SysID()], "%s is listed twice", at)
		for name, value := range seed.Values {
			column, ok := dictionary.ColumnOf(seed.Table, name)
			require.True(t, ok, "%s: %s", at, name)
			switch {
			case value == "":
			case column.Type == dictionary.Reference:
				require.True(t, known[value], "%s: %s refers to a row that no earlier seed makes", at, name)
			case column.Type == dictionary.Boolean:
				require.Contains(t, []string{"true", "false"}, value, "%s: %s", at, name)
			case column.Type == dictionary.JSON:
				require.True(t, json.Valid([]byte(value)), "%s: %s", at, name)
			case column.Type == dictionary.Choice:
				var values []string
				for _, choice := range column.Choices {
					values = append(values, choice.Value)
				}
				require.Contains(t, values, value, "%s: %s", at, name)
			}
		}
		known[seed.SysID()] = true
	}
}

func TestSeedsHoldWhatTheCatalogueNames(t *testing.T) {
	t.Parallel()
	seeds := seedsByTable()
	for _, family := range dictionary.ReleaseFamilies() {
		for _, profileType := range dictionary.ProfileTypes(family) {
			if profileType.Vendor == "" {
				continue
			}
			for process, subflow := range profileType.Subflows {
				require.Contains(t, seeds[dictionary.TableSubflow], subflow, "%s %s %s", family, profileType.Value, process)
			}
			for _, variant := range profileType.AliasRule {
				alias := seeds[dictionary.TableAlias][variant.Alias]
				require.Equal(t, variant.Alias, alias.Values[dictionary.AliasID], "%s %s", family, profileType.Value)
				require.Contains(t, seeds[dictionary.TableAliasTemplate], variant.Template)
				if profileType.ParentAlias != "" {
					require.Equal(t, dictionary.SeedID(dictionary.TableAlias, profileType.ParentAlias), alias.Values[dictionary.AliasParent])
				}
			}
			definition := seeds[dictionary.TableProductDefinition][profileType.Identifier]
			require.Equal(t, profileType.Value, definition.Values[dictionary.DefinitionProfile])
			product := seeds[dictionary.TableProduct][profileType.Product]
			require.Equal(t, product.SysID(), definition.Values[dictionary.DefinitionProduct])
		}
	}
	require.Contains(t, seeds[dictionary.TableUserGroup], dictionary.DefaultAssignmentGroup)
	require.Contains(t, seeds[dictionary.TableScheduledJob], dictionary.JobUpdateCandidates)
}

func TestRuleDefaultsToTheSeededGroup(t *testing.T) {
	t.Parallel()
	column, ok := dictionary.ColumnOf(dictionary.TableReclamationRule, dictionary.RuleAssignmentGroup)
	require.True(t, ok)
	require.Equal(t, seedsByTable()[dictionary.TableUserGroup][dictionary.DefaultAssignmentGroup].SysID(), column.Default)
}

func TestProfileTypesAreComplete(t *testing.T) {
	t.Parallel()
	for _, family := range dictionary.ReleaseFamilies() {
		types := dictionary.ProfileTypes(family)
		require.Len(t, types, 4)
		for _, p := range types {
			found, ok := dictionary.ProfileTypeByValue(family, p.Value)
			require.True(t, ok)
			require.Equal(t, p.Label, found.Label)
			require.NotEmpty(t, p.Source, p.Value)
			require.Contains(t, certainties, p.Certainty)
			require.Equal(t, family == dictionary.Australia, p.Toggles, p.Value)
			require.Positive(t, p.LookbackDays)
			require.Positive(t, p.ThresholdDays)
			require.NotEmpty(t, p.ReclaimEffect)
			require.NotEmpty(t, p.RestoreEffect)
			require.NotEmpty(t, p.RestoreByHand)
			require.NotEmpty(t, p.ActivityMeans)
			if p.Vendor == "" {
				continue
			}
			for _, field := range []string{p.CoreChoice, p.WorkspaceChoice, p.Publisher, p.Product, p.Identifier, p.SpokeScope, p.SpokeVersion,
				p.SpokeName, p.Connection.Name, p.Connection.URL, p.Connection.CredentialKind} {
				require.NotEmpty(t, field, p.Value)
			}
			require.NotEmpty(t, p.Connection.Hosts)
			require.NotEmpty(t, p.Connection.Fields)
			require.Contains(t, p.Subflows, dictionary.ProcessDownload)
			require.Contains(t, p.Subflows, dictionary.ProcessReclaim)
			require.Equal(t, p.ActivitySubflow, p.Subflows[dictionary.ProcessActivity] != "", p.Value)
			for _, process := range []dictionary.Process{dictionary.ProcessDownload, dictionary.ProcessActivity, dictionary.ProcessReclaim} {
				permission, ok := p.Permission(process)
				require.True(t, ok, "%s %s", p.Value, process)
				require.NotEmpty(t, permission.Role)
			}
		}
	}
	require.Nil(t, dictionary.ProfileTypes("tokyo"))
	_, ok := dictionary.ProfileTypeByValue(dictionary.Australia, "nope")
	require.False(t, ok)
}

func TestDefaultAliasFollowsTheToggles(t *testing.T) {
	t.Parallel()
	cases := []struct {
		family            dictionary.ReleaseFamily
		value             string
		activity, reclaim bool
		alias, template   string
	}{
		{dictionary.Australia, dictionary.TypeTrello, false, true, "sn_trello_spoke.Trello_Alias", "Trello"},
		{dictionary.Australia, dictionary.TypeTrello, false, false, "sn_trello_spoke.Trello_Alias", "Trello"},
		{dictionary.Australia, dictionary.TypeAsana, true, true, "sn_asana_spoke.Asana", "Asana"},
		{dictionary.Australia, dictionary.TypeConfluence, true, true, "sn_conflunce_spoke.confluence_subscription_activity_reclaim", "Confluence Subscription Activity and Reclaim"},
		{dictionary.Australia, dictionary.TypeConfluence, true, false, "sn_conflunce_spoke.confluence_subscription_activity", "Confluence Subscription and Activity"},
		{dictionary.Australia, dictionary.TypeConfluence, false, true, "sn_conflunce_spoke.confluence_subscription_reclaim", "Confluence Subscription and Reclaim"},
		{dictionary.Australia, dictionary.TypeConfluence, false, false, "sn_conflunce_spoke.confluence_subscription", "Confluence Subscription"},
		{dictionary.WashingtonDC, dictionary.TypeConfluence, true, true, "sn_conflunce_spoke.Confluence_Cloud", "SAM SaaS Confluence Cloud"},
		{dictionary.Australia, dictionary.TypeCustom, true, true, "", ""},
	}
	for _, c := range cases {
		profileType, ok := dictionary.ProfileTypeByValue(c.family, c.value)
		require.True(t, ok)
		variant := profileType.DefaultAlias(c.activity, c.reclaim)
		require.Equal(t, c.alias, variant.Alias, "%+v", c)
		require.Equal(t, c.template, variant.Template, "%+v", c)
	}
}

func TestWashingtonDCNamesItsOwnAsanaSubflows(t *testing.T) {
	t.Parallel()
	old, _ := dictionary.ProfileTypeByValue(dictionary.WashingtonDC, dictionary.TypeAsana)
	current, _ := dictionary.ProfileTypeByValue(dictionary.Australia, dictionary.TypeAsana)
	require.Equal(t, "Asana Update User Activity Subflow", old.Subflows[dictionary.ProcessActivity])
	require.Equal(t, "Asana Update User Activity", current.Subflows[dictionary.ProcessActivity])
}

func TestSeedIDsDoNotMove(t *testing.T) {
	t.Parallel()
	id := dictionary.SeedID(dictionary.TableAlias, dictionary.TrelloAlias)
	require.Equal(t, "bbe77934aa9cc8aa3d6dc0526a46b31b", id, "plans and databases made by older versions hold this id")
	require.Equal(t, id, seedsByTable()[dictionary.TableAlias][dictionary.TrelloAlias].SysID())
	require.NotEqual(t, id, dictionary.SeedID(dictionary.TableProduct, dictionary.TrelloAlias))
}
