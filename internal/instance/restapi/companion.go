package restapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

// companion serves the companion routes; rest is the path below companion.BasePath.
func (c *call) companion(rest string) {
	segments := strings.Split(rest, "/")
	switch {
	case c.faults.companionMissing():
		c.noSuchRoute()
	case rest == "capabilities":
		c.only(http.MethodGet, c.capabilities)
	case rest == "candidates/reclaim":
		c.only(http.MethodPost, c.reclaim)
	case rest == "candidates/restore":
		c.only(http.MethodPost, c.restore)
	case rest == "reconciliation":
		c.only(http.MethodPost, c.reconcile)
	case len(segments) == 3 && segments[0] == "candidates" && segments[2] == "answer":
		c.only(http.MethodPost, func() { c.answerCandidate(segments[1]) })
	case len(segments) == 3 && segments[0] == "profiles" && segments[2] == "validate":
		c.only(http.MethodPost, func() {
			c.started(c.backend.StartValidate(c.r.Context(), segments[1], c.idempotencyKey()))
		})
	case len(segments) == 3 && segments[0] == "profiles" && segments[2] == "publish":
		c.only(http.MethodPost, func() {
			c.started(c.backend.StartPublish(c.r.Context(), segments[1], c.idempotencyKey()))
		})
	case len(segments) == 3 && segments[0] == "profiles" && segments[2] == "refresh":
		c.only(http.MethodPost, func() { c.refresh(segments[1]) })
	case len(segments) == 3 && segments[0] == "aliases" && segments[2] == "children":
		c.only(http.MethodPost, func() { c.child(segments[1]) })
	case len(segments) == 3 && segments[0] == "aliases" && segments[2] == "groups":
		c.only(http.MethodGet, func() { c.groups(segments[1]) })
	case len(segments) == 2 && segments[0] == "progress":
		c.only(http.MethodGet, func() { c.progress(http.StatusOK)(c.backend.Progress(c.r.Context(), segments[1])) })
	case len(segments) == 3 && segments[0] == "progress" && segments[2] == "cancel":
		c.only(http.MethodPost, func() { c.progress(http.StatusOK)(c.backend.Cancel(c.r.Context(), segments[1])) })
	default:
		c.noSuchRoute()
	}
}

func (c *call) only(method string, serve func()) {
	if c.method != method {
		c.methodNotAllowed(method)
		return
	}
	if c.r.Header.Get("Accept") != "" && !mentionsJSON(c.r.Header.Get("Accept")) {
		c.fail(http.StatusNotAcceptable, "Media type not acceptable", "This instance answers application/json only")
		return
	}
	serve()
}

func (c *call) idempotencyKey() string { return c.r.Header.Get(companion.IdempotencyKeyHeader) }

func (c *call) capabilities() {
	capabilities, err := c.backend.Capabilities(c.r.Context())
	if err != nil {
		c.failWith("Query", err)
		return
	}
	if id, ok := c.faults.otherInstance(); ok {
		capabilities.InstanceID = id
	}
	c.answer(http.StatusOK, capabilities)
}

func (c *call) refresh(profile string) {
	var request companion.RefreshRequest
	if !c.decode(&request) {
		return
	}
	if f := request.MaxRemovalFraction; f < 0 || f > 1 {
		c.fail(http.StatusBadRequest, "Invalid value", "max_removal_fraction must be between 0 and 1")
		return
	}
	c.started(c.backend.StartRefresh(c.r.Context(), profile, request, c.idempotencyKey()))
}

func (c *call) reclaim() {
	var request companion.ReclaimRequest
	if !c.decode(&request) {
		return
	}
	if c.named(request.Candidates) {
		c.started(c.backend.StartReclaim(c.r.Context(), request, c.idempotencyKey()))
	}
}

func (c *call) restore() {
	var request companion.RestoreRequest
	if c.decode(&request) && c.named(request.Candidates) {
		c.started(c.backend.StartRestore(c.r.Context(), request, c.idempotencyKey()))
	}
}

// named answers a call that names no candidate or too many.
func (c *call) named(candidates []string) bool {
	switch n := len(candidates); {
	case n == 0:
		c.fail(http.StatusBadRequest, "Invalid value", "candidates names no removal candidate")
		return false
	case n > companion.MaxReclaimCandidates:
		c.fail(http.StatusBadRequest, "Invalid value", fmt.Sprintf("candidates names %d removal candidates; one call takes at most %d", n, companion.MaxReclaimCandidates))
		return false
	}
	return true
}

func (c *call) reconcile() {
	var request companion.ReconcileRequest
	if !c.decode(&request) {
		return
	}
	c.started(c.backend.StartReconcile(c.r.Context(), request, c.idempotencyKey()))
}

func (c *call) answerCandidate(candidate string) {
	var request companion.AnswerRequest
	if !c.decode(&request) {
		return
	}
	answered, err := c.backend.Answer(c.r.Context(), candidate, request)
	if err != nil {
		c.failWith("Update", err)
		return
	}
	c.answer(http.StatusOK, answered)
}

func (c *call) child(parent string) {
	var request companion.ChildRequest
	if !c.decode(&request) {
		return
	}
	alias, err := c.backend.CreateChild(c.r.Context(), parent, request)
	if err != nil {
		c.failWith("Insert", err)
		return
	}
	c.answer(http.StatusCreated, alias)
}

func (c *call) groups(alias string) {
	groups, err := c.backend.Groups(c.r.Context(), alias)
	if err != nil {
		c.failWith("Query", err)
		return
	}
	c.answer(http.StatusOK, groups)
}

// decode reads a JSON body, and answers when that fails. No body leaves target as it is.
func (c *call) decode(target any) bool {
	raw, ok := c.body()
	if !ok {
		return false
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return true
	}
	if !c.sendsJSON() {
		return false
	}
	if err := json.Unmarshal(raw, target); err != nil {
		c.fail(http.StatusBadRequest, "Exception while reading request", err.Error())
		return false
	}
	return true
}

// started answers a start call.
func (c *call) started(p companion.Progress, err error) { c.progress(http.StatusAccepted)(p, err) }

func (c *call) progress(status int) func(companion.Progress, error) {
	return func(p companion.Progress, err error) {
		if err != nil {
			c.failWith("Update", err)
			return
		}
		for _, link := range []*companion.Link{&p.Links.Progress, &p.Links.Results} {
			if strings.HasPrefix(link.URL, "/") {
				link.URL = c.origin() + link.URL
			}
		}
		c.answer(status, p)
	}
}
