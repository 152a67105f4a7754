package engine_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// deactivate makes Trello's identifier one that no definition knows.
func (w *world) deactivate() store.Row {
	w.t.Helper()
	definitions := w.find(dictionary.TableProductDefinition, dictionary.DefinitionProfile+"="+dictionary.TypeTrello)
	require.Len(w.t, definitions, 1)
	return w.update(dictionary.TableProductDefinition, definitions[0][dictionary.SysID], store.Row{dictionary.DefinitionActive: "false"})
}

func (w *world) unrecognized() store.Row {
	w.t.Helper()
	rows := w.find(dictionary.TableUnrecognizedIdentifier, "")
	require.Len(w.t, rows, 1)
	return rows[0]
}

// customModel is a software model of a product that the customer made.
func (w *world) customModel() store.Row {
	w.t.Helper()
	publisher := w.insert(dictionary.TablePublisher, store.Row{dictionary.PublisherName: "Boards Inc."})
	product := w.insert(dictionary.TableProduct, store.Row{dictionary.ProductName: "Boards", dictionary.ProductPublisher: publisher[dictionary.SysID]})
	return w.insert(dictionary.TableSoftwareModel, store.Row{
		dictionary.ModelName: "Boards", dictionary.ModelDisplayName: "Boards Inc. Boards", dictionary.ModelProduct: product[dictionary.SysID],
	})
}

func TestIdentifiers_ofWhichNoDefinitionIsActiveAreListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	w.publish()
	definition := w.deactivate()
	outcome := w.refresh()
	members := outcome.Downloaded
	require.Equal(t, members, outcome.Unrecognized)
	row := w.unrecognized()
	require.Equal(t, definition[dictionary.DefinitionID], row[dictionary.UnrecognizedIdentifier])
	require.Equal(t, strconv.Itoa(members), row[dictionary.UnrecognizedCount])
	require.Equal(t, w.profile, row[dictionary.UnrecognizedProfiles])
	require.Equal(t, members, w.count(dictionary.TableSubscription, "software_modelISEMPTY^productISEMPTY"))
	require.Empty(t, w.openCandidates(), "without a product there is no rule")

	require.Zero(t, w.refresh().RowsWritten)
	require.Equal(t, row, w.unrecognized())

	w.update(dictionary.TableProductDefinition, definition[dictionary.SysID], store.Row{dictionary.DefinitionActive: "true"})
	require.Zero(t, w.refresh().Unrecognized)
	require.Empty(t, w.find(dictionary.TableUnrecognizedIdentifier, ""))
	require.Zero(t, w.count(dictionary.TableSubscription, "software_modelISEMPTY"))
	require.NotEmpty(t, w.openCandidates())
}

func TestIdentifiers_thatGetAModel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	w.publish()
	w.deactivate()
	newcomer := w.trello.Members(1, func(m double.Member) bool { return m.Licensed })[0]
	require.True(t, w.trello.SetLicence(newcomer.ID, false))
	members := w.refresh().Downloaded
	model := w.customModel()

	row := w.update(dictionary.TableUnrecognizedIdentifier, w.unrecognized()[dictionary.SysID], store.Row{dictionary.UnrecognizedModel: model[dictionary.SysID]})
	require.Equal(t, strconv.Itoa(members), row[dictionary.UnrecognizedCount])
	assigned := "software_model=" + model[dictionary.SysID] + "^product=" + model[dictionary.ModelProduct] + "^publisher.name=Boards Inc.^display_name=Boards Inc. Boards"
	require.Equal(t, members, w.count(dictionary.TableSubscription, assigned))
	links := w.find(dictionary.TableRuleProduct, "software_product="+model[dictionary.ModelProduct])
	require.Len(t, links, 1, "the product got its reclamation rule")

	require.True(t, w.trello.SetLicence(newcomer.ID, true))
	outcome := w.refresh()
	require.Equal(t, 1, outcome.Created)
	require.Zero(t, outcome.Unrecognized)
	require.Equal(t, members+1, w.count(dictionary.TableSubscription, assigned), "new subscriptions of the identifier have the model too")
	require.Equal(t, strconv.Itoa(members+1), w.unrecognized()[dictionary.UnrecognizedCount])
	require.NotEmpty(t, w.openCandidates(), "by the rule of the assigned model's product")
	require.True(t, w.trello.SetLicence(newcomer.ID, false))
	w.refresh()
	require.Zero(t, w.refresh().RowsWritten)

	w.update(dictionary.TableUnrecognizedIdentifier, row[dictionary.SysID], store.Row{dictionary.UnrecognizedModel: ""})
	require.Equal(t, members, w.count(dictionary.TableSubscription, "software_modelISEMPTY^productISEMPTY^publisherISEMPTY"))
	require.Equal(t, members, w.refresh().Unrecognized)
}

func TestIdentifiers_keepTheAssignmentWhenTheyAreRecognized(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5)
	w.publish()
	definition := w.deactivate()
	members := w.refresh().Downloaded
	model := w.customModel()
	row := w.update(dictionary.TableUnrecognizedIdentifier, w.unrecognized()[dictionary.SysID], store.Row{dictionary.UnrecognizedModel: model[dictionary.SysID]})

	w.update(dictionary.TableProductDefinition, definition[dictionary.SysID], store.Row{dictionary.DefinitionActive: "true"})
	w.refresh()
	require.Equal(t, members, w.count(dictionary.TableSubscription, "product="+definition[dictionary.DefinitionProduct]), "the definition goes before the assignment")
	require.Equal(t, "0", w.unrecognized()[dictionary.UnrecognizedCount])

	w.update(dictionary.TableUnrecognizedIdentifier, row[dictionary.SysID], store.Row{dictionary.UnrecognizedModel: ""})
	require.Empty(t, w.find(dictionary.TableUnrecognizedIdentifier, ""))
}

func TestIdentifiers_definedByTheCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5)
	w.publish()
	members := w.refresh().Downloaded
	content := w.deactivate()

	publisher := w.insert(dictionary.TablePublisher, store.Row{dictionary.PublisherName: "Boards Inc."})
	product := w.insert(dictionary.TableProduct, store.Row{dictionary.ProductName: "Boards", dictionary.ProductPublisher: publisher[dictionary.SysID]})
	integration := w.insert(dictionary.TableCustomSubscriptionIntegration, store.Row{"name": "Trello", "profile_type": dictionary.TypeTrello})
	discoveryMap := w.insert(dictionary.TableCustomEntitlementDefinition, store.Row{"name": "Boards", "product": product[dictionary.SysID]})
	w.insert(dictionary.TableCustomProductDefinition, store.Row{
		dictionary.DefinitionID: content[dictionary.DefinitionID], "subscription_integration": integration[dictionary.SysID],
		"entitlement_definition": discoveryMap[dictionary.SysID],
	})
	w.clock.advance(time.Hour)
	w.refresh()
	models := w.find(dictionary.TableSoftwareModel, dictionary.ModelProduct+"="+product[dictionary.SysID])
	require.Len(t, models, 1, "the definition made its model")
	require.Equal(t, content[dictionary.DefinitionID], models[0][dictionary.ModelIdentifier])
	require.Equal(t, members, w.count(dictionary.TableSubscription, "software_model="+models[0][dictionary.SysID]))
	require.Len(t, w.find(dictionary.TableRuleProduct, "software_product="+product[dictionary.SysID]), 1)
	require.Empty(t, w.find(dictionary.TableUnrecognizedIdentifier, ""))
	require.Zero(t, w.refresh().RowsWritten)
}

func TestIdentifiers_goWithTheirProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5)
	w.publish()
	w.deactivate()
	w.refresh()
	w.unrecognized()
	require.NoError(t, w.Delete(t.Context(), dictionary.TableProfile, w.profile))
	require.Empty(t, w.find(dictionary.TableUnrecognizedIdentifier, ""))
}

func TestUnrecognizedIdentifiers_areTheInstancesToList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.publish()
	w.deactivate()
	w.refresh()
	row := w.unrecognized()
	var denied *store.DeniedError
	_, err := w.Insert(t.Context(), dictionary.TableUnrecognizedIdentifier, store.Row{dictionary.UnrecognizedIdentifier: "x"}, store.WriteOptions{})
	require.ErrorAs(t, err, &denied)
	require.ErrorAs(t, w.Delete(t.Context(), dictionary.TableUnrecognizedIdentifier, row[dictionary.SysID]), &denied)
	for column, value := range map[string]string{
		dictionary.UnrecognizedCount: "1", dictionary.UnrecognizedIdentifier: "x", dictionary.UnrecognizedModel: "00000000000000000000000000000000",
	} {
		_, err := w.Update(t.Context(), dictionary.TableUnrecognizedIdentifier, row[dictionary.SysID], store.Row{column: value}, store.WriteOptions{})
		var rule *store.BusinessRuleError
		require.ErrorAs(t, err, &rule, column)
	}
}
