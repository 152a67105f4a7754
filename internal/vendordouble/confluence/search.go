package confluence

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// search answers GET search: pages by an opaque cursor that belongs to one query.
func (d *Double) search(w http.ResponseWriter, r *http.Request) int {
	expand := strings.Contains(r.FormValue("expand"), "content.")
	most := 1000
	if r.FormValue("expand") != "" {
		most = 200
	}
	limit := 25
	if text := r.FormValue("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return d.frame(w, http.StatusBadRequest, "invalid limit")
		}
		limit = min(n, most)
	}
	cql := r.FormValue("cql")
	position, ok := parseCursor(r.FormValue("cursor"), cql)
	if !ok {
		return d.frame(w, http.StatusBadRequest, "the cursor does not belong to this query")
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	q, err := d.parseCQL(cql)
	if err != nil {
		return d.frame(w, http.StatusBadRequest, err.Error())
	}
	found := d.matching(q)
	from := min(position, len(found))
	to := min(from+limit, len(found))
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	b := append((*buffer)[:0], `{"results":[`...)
	for n, i := range found[from:to] {
		if n > 0 {
			b = append(b, ',')
		}
		b = d.appendHit(b, d.contents[i], expand)
	}
	b = fmt.Appendf(b, `],"start":%d,"limit":%d,"size":%d,"totalSize":%d,"cqlQuery":%q,"searchDuration":41,"_links":{"base":"%s/wiki","context":"/wiki"`,
		from, limit, to-from, len(found), cql, siteURL)
	if to < len(found) && limit > 0 {
		b = fmt.Appendf(b, `,"next":"/rest/api/search?next=true&cursor=%s&limit=%d&start=%d&cql=%s"`,
			url.QueryEscape(formatCursor(to, cql)), limit, to, url.QueryEscape(cql))
	}
	b = append(b, "}}"...)
	*buffer = b
	d.send(w, RouteSearch, b)
	return 1 + to - from
}

func queryHash(cql string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(cql))
	return h.Sum32()
}

func formatCursor(position int, cql string) string {
	return "_sa_" + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", position, queryHash(cql)))
}

func parseCursor(cursor, cql string) (position int, ok bool) {
	if cursor == "" {
		return 0, true
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(cursor, "_sa_"))
	if err != nil {
		return 0, false
	}
	var hash uint32
	n, err := fmt.Sscanf(string(text), "%d.%d", &position, &hash)
	return position, err == nil && n == 2 && position >= 0 && hash == queryHash(cql)
}
