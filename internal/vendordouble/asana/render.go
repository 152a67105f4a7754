package asana

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// fieldSet is what opt_fields asks for, with dots for what is below.
type fieldSet map[string]bool

func parseFields(r *http.Request) fieldSet {
	set := fieldSet{}
	for name := range strings.SplitSeq(r.FormValue("opt_fields"), ",") {
		if name != "" {
			set[name] = true
		}
	}
	return set
}

// has tells whether a field is asked for, itself or by something below it.
func (f fieldSet) has(name string) bool {
	if f[name] {
		return true
	}
	for field := range f {
		if strings.HasPrefix(field, name+".") {
			return true
		}
	}
	return false
}

// below are the fields of an object within.
func (f fieldSet) below(name string) fieldSet {
	inner := fieldSet{}
	for field := range f {
		if rest, ok := strings.CutPrefix(field, name+"."); ok {
			inner[rest] = true
		}
	}
	return inner
}

func (f fieldSet) put(m map[string]any, name string, value any) {
	if f.has(name) {
		m[name] = value
	}
}

func compact(gid, kind string) map[string]any {
	return map[string]any{"gid": gid, "resource_type": kind}
}

func data(v any) map[string]any { return map[string]any{"data": v} }

func (d *Double) user(index int, want fieldSet) map[string]any {
	first, last, _ := d.name(index)
	u := compact(gid(userBase, index), "user")
	want.put(u, "name", first+" "+last)
	if mail := d.email(index); mail != "" {
		want.put(u, "email", mail)
	}
	return u
}

// memberFields is which fields of a membership are asked for.
type memberFields struct{ active, admin, guest, viewOnly, created, name, email, workspace bool }

func parseMemberFields(r *http.Request) memberFields {
	f := parseFields(r)
	if len(f) == 0 {
		return memberFields{name: true, workspace: true}
	}
	return memberFields{
		active: f["is_active"], admin: f["is_admin"], guest: f["is_guest"], viewOnly: f["is_view_only"],
		created: f["created_at"], name: f["user.name"], email: f["user.email"], workspace: f.has("workspace"),
	}
}

// appendMembership renders the membership at a row. The long list is rendered by hand, because benchmarks read it.
func (d *Double) appendMembership(b []byte, at int, want memberFields) []byte {
	r := d.rows[at]
	index := int(r.person)
	p := d.people[index]
	first, last, namesake := d.name(index)
	b = append(b, `{"gid":"`...)
	b = strconv.AppendInt(b, int64(membershipGID+at), 10)
	b = append(b, `","resource_type":"workspace_membership"`...)
	flag := func(asked bool, open string, value bool) {
		if asked {
			b = append(b, open...)
			b = strconv.AppendBool(b, value)
		}
	}
	flag(want.active, `,"is_active":`, p.has(active) && !r.former)
	flag(want.admin, `,"is_admin":`, p.has(admin) && !r.former)
	flag(want.guest, `,"is_guest":`, p.has(guest))
	flag(want.viewOnly, `,"is_view_only":`, p.has(viewOnly))
	if want.created {
		created := p.created
		if r.former {
			created -= int64(days(300).Seconds())
		}
		b = append(b, `,"created_at":"`...)
		b = time.Unix(created, int64(index%1000)*1e6).UTC().AppendFormat(b, stamp)
		b = append(b, '"')
	}
	b = append(b, `,"user":{"gid":"`...)
	b = strconv.AppendInt(b, int64(userBase+index), 10)
	b = append(b, `","resource_type":"user"`...)
	if want.name {
		b = append(b, `,"name":"`...)
		b = append(b, first...)
		b = append(b, ' ')
		b = append(b, last...)
		b = append(b, '"')
	}
	if want.email && !p.has(hiddenMail) {
		b = append(b, `,"email":"`...)
		b = appendEmail(b, index, first, last, namesake)
		b = append(b, '"')
	}
	b = append(b, '}')
	if want.workspace {
		b = append(b, `,"workspace":{"gid":"`+workspaceGID+`","resource_type":"workspace","name":"Brightwater Works"}`...)
	}
	return append(b, '}')
}

const stamp = "2006-01-02T15:04:05.000Z"

func text(ms int64) string { return time.UnixMilli(ms).UTC().Format(stamp) }

func userRef(index int) any {
	if index < 0 {
		return nil
	}
	return compact(gid(userBase, index), "user")
}

func (d *Double) task(id int, want fieldSet) map[string]any {
	t := d.tasks[id]
	m := compact(gid(taskBase, id), "task")
	if len(want) == 0 {
		m["name"], m["resource_subtype"] = "Task "+strconv.Itoa(id), "default_task"
		return m
	}
	want.put(m, "name", "Task "+strconv.Itoa(id))
	want.put(m, "created_at", text(d.created(id)))
	want.put(m, "created_by", userRef(int(t.author)))
	want.put(m, "modified_at", text(t.modified))
	want.put(m, "num_subtasks", len(d.subtasks(id)))
	var at, by any
	if completed(id) {
		at, by = text(t.last), userRef(int(t.author))
	}
	want.put(m, "completed_at", at)
	want.put(m, "completed_by", by)
	if want.has("parent") {
		m["parent"] = nil
		if parent := d.parent(id); parent >= 0 {
			m["parent"] = compact(gid(taskBase, parent), "task")
		}
	}
	return m
}

func (d *Double) story(s story, id, number int, want fieldSet) map[string]any {
	m := compact(gid(storyBase, id*200+number), "story")
	if len(want) == 0 {
		want = fieldSet{"created_at": true, "created_by": true, "resource_subtype": true, "text": true}
	}
	kind, subtype := "system", "assigned"
	if number%2 == 1 {
		kind, subtype = "comment", "comment_added"
	}
	want.put(m, "created_at", text(s.at))
	want.put(m, "created_by", userRef(s.author))
	want.put(m, "type", kind)
	want.put(m, "resource_subtype", subtype)
	want.put(m, "text", "Story "+strconv.Itoa(number))
	return m
}

// visible tells whether a caller sees a task.
func (d *Double) visible(id int, who caller) bool { return who.service || !d.tasks[id].private }
