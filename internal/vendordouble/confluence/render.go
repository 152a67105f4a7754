package confluence

import (
	"strconv"
	"time"
)

// appendUser renders the person at an index.
func (d *Double) appendUser(b []byte, index int, operations bool) []byte {
	p := d.people[index]
	first, last, _ := d.name(index)
	b = append(b, `{"type":"known","accountId":"`...)
	b = d.appendAccountID(b, index)
	b = append(b, `","accountType":"`...)
	switch {
	case p.has(app):
		b = append(b, "app"...)
	case p.has(customer):
		b = append(b, "customer"...)
	default:
		b = append(b, "atlassian"...)
	}
	b = append(b, `","email":"`...)
	if !p.has(hiddenMail|app) && !d.faults.On(FaultHideMails) {
		b = d.appendEmail(b, index)
	}
	b = append(b, `","publicName":"`...)
	b = append(b, first...)
	b = append(b, `","displayName":"`...)
	b = append(b, first...)
	b = append(b, ' ')
	b = append(b, last...)
	b = append(b, `","profilePicture":{"path":"/wiki/aa-avatar/x","width":48,"height":48,"isDefault":true},"isExternalCollaborator":`...)
	b = strconv.AppendBool(b, p.has(guest))
	b = append(b, `,"isGuest":`...)
	b = strconv.AppendBool(b, p.has(guest))
	if operations {
		b = append(b, `,"operations":[`...)
		if !p.has(unlicensed) {
			b = append(b, `{"operation":"use","targetType":"application"}`...)
		}
		b = append(b, ']')
	}
	return append(b, `,"_expandable":{"personalSpace":""},"_links":{"self":"`+siteURL+`/wiki/rest/api/user"}}`...)
}

// appendAuthor renders a person as a hit of a search names them.
func (d *Double) appendAuthor(b []byte, index uint32) []byte {
	b = append(b, `{"type":"known","accountId":"`...)
	b = d.appendAccountID(b, int(index))
	return append(b, `","accountType":"atlassian"}`...)
}

// appendHit renders a hit of a search.
func (d *Double) appendHit(b []byte, c content, expand bool) []byte {
	id := strconv.FormatUint(uint64(c.id), 10)
	b = append(b, `{"content":{"id":"`...)
	b = append(b, id...)
	b = append(b, `","type":"`...)
	b = append(b, contentTypes[c.kind]...)
	b = append(b, `","status":"current","title":"Note `...)
	b = append(b, id...)
	b = append(b, '"')
	if expand {
		b = append(b, `,"history":{"latest":true,"createdBy":`...)
		b = d.appendAuthor(b, c.creator)
		b = appendDate(b, `,"createdDate":"`, c.created)
		b = append(b, `},"version":{"by":`...)
		b = d.appendAuthor(b, c.editor)
		b = appendDate(b, `,"when":"`, c.modified)
		b = append(b, `,"number":`...)
		b = strconv.AppendUint(b, uint64(c.version), 10)
		b = append(b, `,"minorEdit":false}`...)
	}
	b = append(b, `},"title":"Note `...)
	b = append(b, id...)
	b = append(b, `","excerpt":"","url":"/spaces/OPS/pages/`...)
	b = append(b, id...)
	b = appendDate(b, `","breadcrumbs":[],"entityType":"content","iconCssClass":"aui-icon","lastModified":"`, c.modified)
	return append(b, `,"friendlyLastModified":"recently","score":0.0}`...)
}

func appendDate(b []byte, open string, seconds uint32) []byte {
	b = append(b, open...)
	b = time.Unix(int64(seconds), 0).UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
	return append(b, '"')
}

func (d *Double) appendEmail(b []byte, index int) []byte {
	first, last, namesake := d.name(index)
	b = append(appendLower(b, first), '.')
	b = appendLower(b, last)
	if namesake > 0 {
		b = strconv.AppendInt(b, int64(namesake)+1, 10)
	}
	if index%4 == 3 {
		return append(b, "@example.org"...)
	}
	return append(b, "@example.com"...)
}

func appendLower(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}
