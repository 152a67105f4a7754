package integrationprofile

import (
	"context"
	"errors"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// world is what a plan needs to know about the instance.
type world struct {
	Mode          sam.Mode                 `json:"mode"`
	ReleaseFamily dictionary.ReleaseFamily `json:"release_family"`
	// DefaultAliases maps the full ids of the aliases that the profile type can have to their sys_ids on this instance.
	DefaultAliases map[string]string `json:"default_aliases,omitempty"`
	// ConsentPending is whether the profile is in Draft because nobody has consented to the OAuth app of its alias yet.
	ConsentPending bool `json:"consent_pending,omitempty"`
	// ConsentAlias is the full id of that alias.
	ConsentAlias string `json:"consent_alias,omitempty"`
}

var pinnedWorld = tfkit.Pin[world]{Key: "world"}

// observe looks at what a plan needs. An alias that the instance does not have is left out.
func observe(ctx context.Context, client *sam.Client, instance sam.Instance, p sam.Profile, now time.Time) (world, error) {
	w := world{Mode: instance.Mode, ReleaseFamily: instance.ReleaseFamily, DefaultAliases: map[string]string{}}
	t, _ := dictionary.ProfileTypeByValue(instance.ReleaseFamily, p.ProfileType)
	for _, variant := range t.AliasRule {
		if variant.Alias == p.AliasID {
			w.DefaultAliases[variant.Alias] = p.AliasSysID
			continue
		}
		alias, err := client.Aliases.FindByID(ctx, variant.Alias)
		switch {
		case errors.Is(err, sam.ErrNotFound):
		case err != nil:
			return w, err
		default:
			w.DefaultAliases[variant.Alias] = alias.SysID
		}
	}
	pending, err := consentPending(ctx, client, t, p, now)
	if err != nil {
		return w, err
	}
	if pending {
		w.ConsentPending, w.ConsentAlias = true, p.AliasID
	}
	return w, nil
}

// consentPending tells whether a profile in Draft waits for somebody to consent.
func consentPending(ctx context.Context, client *sam.Client, t dictionary.ProfileType, p sam.Profile, now time.Time) (bool, error) {
	if p.Published() || t.OAuth == nil || p.AliasSysID == "" {
		return false, nil
	}
	connection, err := client.Aliases.Connection(ctx, p.AliasSysID)
	if errors.Is(err, sam.ErrNotFound) {
		return false, nil
	}
	app := connection.Credential.OAuth
	return app != nil && app.Grant.Status(now) == sam.TokenPending, err
}
