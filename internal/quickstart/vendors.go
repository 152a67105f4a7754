package main

import (
	"errors"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// vendors are the doubles of the vendors, with the invented company in each.
type vendors struct {
	trello     *trello.Server
	asana      *asana.Server
	confluence *confluence.Server
}

func startVendors() (v vendors, err error) {
	var errs [3]error
	v.trello, errs[0] = trello.Start(trello.Options{Members: seats, Seed: seed})
	v.asana, errs[1] = asana.Start(asana.Options{Members: others, Seed: seed, ExportTakes: time.Millisecond})
	v.confluence, errs[2] = confluence.Start(confluence.Options{Members: others, Seed: seed})
	if err := errors.Join(errs[:]...); err != nil {
		v.close()
		return vendors{}, err
	}
	return v, nil
}

func (v vendors) close() {
	if v.trello != nil {
		v.trello.Close()
	}
	if v.asana != nil {
		v.asana.Close()
	}
	if v.confluence != nil {
		v.confluence.Close()
	}
}

// variables are addresses and credentials, as the root modules take them.
func (v vendors) variables() []string {
	return []string{
		"TF_VAR_trello_url=" + v.trello.URL,
		"TF_VAR_trello_api_key=" + v.trello.Key(),
		"TF_VAR_trello_api_token=" + v.trello.Token(),
		"TF_VAR_asana_url=" + v.asana.URL,
		"TF_VAR_asana_token=" + v.asana.ServiceToken(),
		"TF_VAR_confluence_url=" + v.confluence.GatewayURL(),
		"TF_VAR_confluence_token=" + v.confluence.Token(),
		"TF_VAR_confluence_admin_api_key=" + v.confluence.AdminKey(),
		"TF_VAR_confluence_organization_id=" + v.confluence.OrganizationID(),
	}
}

// seats counts those in use at Trello, Asana and Confluence, as the vendors know them.
func (v vendors) seats() [3]int {
	return [3]int{
		len(v.trello.Members(0, func(m trello.Member) bool { return m.Licensed })),
		len(v.asana.Members(0, func(m asana.Member) bool { return m.Seat })),
		len(v.confluence.Members(0, func(m confluence.Member) bool { return m.Seat })),
	}
}

// idle lists who holds a Trello licence and was not seen for longer than the reclamation rule's 60 days.
func (v vendors) idle() []trello.Member {
	limit := time.Now().AddDate(0, 0, -61)
	return v.trello.Members(seats, func(m trello.Member) bool {
		return m.Licensed && !m.Admin && m.Email != "" && m.LastSeen != nil && m.LastSeen.Before(limit)
	})
}
