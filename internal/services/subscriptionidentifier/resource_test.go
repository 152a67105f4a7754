package subscriptionidentifier_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

const (
	resourceType = "servicenowsam_subscription_identifier_model"
	boards       = resourceType + ".boards"
	members      = 12
)

// sync refreshes the profile of the world; another number refreshes it again.
func sync(number int) string {
	return acctest.Resource("subscription_sync", "trello", `profile_id = servicenowsam_integration_profile.trello.id`,
		fmt.Sprintf(`triggers = { number = "%d" }`, number))
}

const lists = `
data "servicenowsam_unrecognized_subscription_identifiers" "all" {
  depends_on = [servicenowsam_subscription_sync.trello]
}

data "servicenowsam_software_models" "boards" {
  publisher  = "Boards Inc."
  restricted = false
}
`

func assigned(identifier string) string {
	return acctest.Resource("subscription_identifier_model", "boards", fmt.Sprintf(`subscription_identifier = %q`, identifier),
		`software_model_id = one(data.servicenowsam_software_models.boards.software_models).id`)
}

// unrecognized is a world in which no definition knows Trello's identifier, and its configuration.
func unrecognized(t *testing.T) (w *acctest.World, base []string, identifier string) {
	t.Helper()
	w = acctest.NewWorld(t, acctest.Options{Members: members})
	definition := w.Find(t, dictionary.TableProductDefinition, dictionary.DefinitionProfile+"="+dictionary.TypeTrello)[0]
	w.Change(t, dictionary.TableProductDefinition, definition["sys_id"], map[string]string{dictionary.DefinitionActive: "false"})
	publisher := w.Insert(t, dictionary.TablePublisher, map[string]string{dictionary.PublisherName: "Boards Inc."})
	product := w.Insert(t, dictionary.TableProduct, map[string]string{dictionary.ProductName: "Boards", dictionary.ProductPublisher: publisher})
	w.Insert(t, dictionary.TableSoftwareModel, map[string]string{
		dictionary.ModelName: "Boards", dictionary.ModelDisplayName: "Boards Inc. Boards",
		dictionary.ModelProduct: product, dictionary.ModelPublisher: publisher,
	})
	return w, []string{w.ProviderBlock(), w.Alias(), w.Profile(), sync(1), lists}, definition[dictionary.DefinitionID]
}

func TestAccIdentifierModel_lifecycle(t *testing.T) {
	t.Parallel()
	w, base, identifier := unrecognized(t)
	root := w.Root(t, base...)
	root.MustApply(t)
	list, ok := root.Attributes(t, "data.servicenowsam_unrecognized_subscription_identifiers.all")["identifiers"].([]any)
	require.True(t, ok)
	require.Len(t, list, 1)
	row, ok := list[0].(map[string]any)
	require.True(t, ok)
	require.Equal(t, identifier, row["subscription_identifier"])
	require.Nil(t, row["software_model_id"])
	require.Equal(t, []any{root.Attribute(t, "servicenowsam_integration_profile.trello", "id")}, row["profile_ids"])
	held := len(w.Find(t, dictionary.TableSubscription, ""))
	require.Equal(t, strconv.Itoa(held), fmt.Sprint(row["number_of_subscriptions"]))

	root.Write(t, append(base, assigned(identifier))...)
	root.MustApply(t)
	model := root.Attribute(t, boards, "software_model_id")
	require.Len(t, w.Find(t, dictionary.TableSubscription, "software_model="+model+"^product.name=Boards"), held)
	root.RequireEmptyPlan(t)

	// Another refresh keeps it.
	base[3] = sync(2)
	root.Write(t, append(base, assigned(identifier))...)
	root.MustApply(t)
	require.Len(t, w.Find(t, dictionary.TableSubscription, "software_model="+model), held)

	// Somebody clears it: the plan shows that, and the apply puts it right.
	id := root.Attribute(t, boards, "id")
	w.Change(t, dictionary.TableUnrecognizedIdentifier, id, map[string]string{dictionary.UnrecognizedModel: ""})
	require.Empty(t, w.Find(t, dictionary.TableSubscription, "software_modelISNOTEMPTY"))
	change := root.MustPlan(t).Change(boards)
	require.True(t, change.Actions.Update())
	root.MustApply(t)
	require.Len(t, w.Find(t, dictionary.TableSubscription, "software_model="+model), held)
	root.RequireEmptyPlan(t)

	p := w.Protocol(t, nil)
	for _, listed := range p.List(t, resourceType, nil, 10, true) {
		require.Empty(t, listed.Diagnostics)
		require.Equal(t, identifier, listed.DisplayName)
		require.Equal(t, id, listed.Identity["sys_id"])
		require.Equal(t, tftypes.NewValue(tftypes.String, model), listed.Resource["software_model_id"])
	}
	require.Len(t, p.List(t, resourceType, nil, 10, false), 1)

	root.Write(t, base...)
	root.MustApply(t)
	require.Empty(t, w.Find(t, dictionary.TableSubscription, "software_modelISNOTEMPTY"), "destroying clears it")
	require.Empty(t, p.List(t, resourceType, nil, 10, false))
}

func TestAccIdentifierModel_importAndSecondOwner(t *testing.T) {
	t.Parallel()
	w, base, identifier := unrecognized(t)
	root := w.Root(t, base...)
	root.MustApply(t)
	root.Write(t, append(base, assigned(identifier))...)
	root.MustApply(t)
	id := root.Attribute(t, boards, "id")
	const models = `
data "servicenowsam_software_models" "boards" {
  publisher = "Boards Inc."
}
`
	for _, named := range []string{identifier, id} {
		other := w.Root(t, w.ProviderBlock(), models, assigned(identifier))
		imported := other.Import(t, boards, named)
		require.Zero(t, imported.Code, imported.Output)
		other.RequireEmptyPlan(t)
	}
	second := w.Root(t, w.ProviderBlock(), models, assigned(identifier)).Apply(t)
	require.Equal(t, 1, second.Code)
	require.Contains(t, second.Errors(), "exists already")
	require.Contains(t, second.Errors(), id, "with the block to import it")

	missing := w.Root(t, w.ProviderBlock(), models, assigned("NOTHING")).Apply(t)
	require.Equal(t, 1, missing.Code)
	require.Contains(t, missing.Errors(), "servicenowsam_subscription_sync")
}

func TestAccIdentifierModel_tableMode(t *testing.T) {
	t.Parallel()
	w, base, identifier := unrecognized(t)
	w.Root(t, base...).MustApply(t)
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	const models = `
data "servicenowsam_software_models" "boards" {
  name_contains = "boards"
}
`
	root := w.Root(t, acctest.RemoteBlock(w.Remote(t, faults)), models, assigned(identifier))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	require.NotEmpty(t, w.Find(t, dictionary.TableSubscription, "product.name=Boards"))
	gone := root.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
	require.Empty(t, w.Find(t, dictionary.TableSubscription, "product.name=Boards"))
}
