package trello

import (
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// fields is the set of member fields that a request asks for.
type fields uint16

const (
	fieldFullName fields = 1 << iota
	fieldUsername
	fieldInitials
	fieldEmail
	fieldMemberEmail
	fieldAaID
	fieldMemberType
	fieldConfirmed
	fieldActivityBlocked
	fieldIDEnterprise
	fieldDeactivated
	fieldLastAccessed
	fieldLastImpression
	fieldAdmin

	fieldsDefault = fieldFullName | fieldUsername | fieldInitials
	fieldsAll     = fields(1<<14 - 1)
	// fieldsQuery is what members/query tells about a member; its fields cannot be chosen.
	fieldsQuery = fieldFullName | fieldUsername | fieldInitials | fieldEmail | fieldMemberType | fieldConfirmed |
		fieldActivityBlocked | fieldLastImpression
)

var fieldNames = map[string]fields{
	"id": 0, "fullName": fieldFullName, "username": fieldUsername, "initials": fieldInitials, "email": fieldEmail,
	"memberEmail": fieldMemberEmail, "aaId": fieldAaID, "memberType": fieldMemberType, "confirmed": fieldConfirmed,
	"activityBlocked": fieldActivityBlocked, "idEnterprise": fieldIDEnterprise, "idEnterprisesDeactivated": fieldDeactivated,
	"dateLastAccessed": fieldLastAccessed, "dateLastImpression": fieldLastImpression, "idEnterprisesAdmin": fieldAdmin,
	"all": fieldsAll,
}

func parseFields(list string) fields {
	if list == "" {
		return fieldsDefault
	}
	var set fields
	for name := range strings.SplitSeq(list, ",") {
		set |= fieldNames[name]
	}
	return set
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

// appendMember renders the person at an index. Absent values are left out, dates too: clients read
// a null date as 1970.
func (d *Double) appendMember(b []byte, index int, want fields) []byte {
	p := d.people[index]
	first, last, namesake := d.name(index)
	var id [24]byte
	putObjectID(&id, p.created, d.seed, index)
	b = append(b, `{"id":"`...)
	b = append(b, id[:]...)
	b = append(b, '"')
	if want&fieldFullName != 0 {
		b = append(b, `,"fullName":"`...)
		b = append(b, first...)
		b = append(b, ' ')
		b = append(b, last...)
		b = append(b, '"')
	}
	if want&fieldUsername != 0 && !p.has(unconfirmed) {
		b = append(b, `,"username":"`...)
		b = appendUsername(b, first, last, namesake)
		b = append(b, '"')
	}
	if want&fieldInitials != 0 {
		b = append(b, `,"initials":"`...)
		b = append(b, first[0], last[0], '"')
	}
	if want&(fieldEmail|fieldMemberEmail) != 0 && !p.has(hiddenMail) {
		for _, f := range [...]struct {
			field fields
			open  string
		}{{fieldEmail, `,"email":"`}, {fieldMemberEmail, `,"memberEmail":"`}} {
			if want&f.field != 0 {
				b = append(b, f.open...)
				b = appendEmail(b, index, first, last, namesake)
				b = append(b, '"')
			}
		}
	}
	if want&fieldAaID != 0 && !p.has(unconfirmed|guest) {
		b = append(b, `,"aaId":"712020:`...)
		b = append(b, id[8:]...)
		b = append(b, '"')
	}
	if want&fieldMemberType != 0 {
		if p.has(unconfirmed) {
			b = append(b, `,"memberType":"ghost"`...)
		} else {
			b = append(b, `,"memberType":"normal"`...)
		}
	}
	if want&fieldConfirmed != 0 {
		b = append(b, `,"confirmed":`...)
		b = strconv.AppendBool(b, !p.has(unconfirmed))
	}
	if want&fieldActivityBlocked != 0 {
		b = append(b, `,"activityBlocked":false`...)
	}
	if want&fieldIDEnterprise != 0 && !p.has(guest) {
		b = append(b, `,"idEnterprise":"`...)
		b = append(b, d.enterprise...)
		b = append(b, '"')
	}
	if want&fieldDeactivated != 0 {
		b = append(b, `,"idEnterprisesDeactivated":[`...)
		if p.has(deactivated) {
			b = append(b, '"')
			b = append(b, d.enterprise...)
			b = append(b, '"')
		}
		b = append(b, ']')
	}
	if want&(fieldLastAccessed|fieldLastImpression) != 0 && !d.faults.On(FaultNoDates) {
		b = appendDates(b, index, p.lastSeen, want)
	}
	if want&fieldAdmin != 0 {
		b = d.appendAdministered(b, p)
	}
	return append(b, '}')
}

func (d *Double) appendAdministered(b []byte, p person) []byte {
	b = append(b, `,"idEnterprisesAdmin":[`...)
	if p.has(admin) && !d.faults.On(FaultNonAdminToken) {
		b = append(b, '"')
		b = append(b, d.enterprise...)
		b = append(b, '"')
		if d.faults.On(FaultTwoEnterprises) {
			b = append(b, `,"`...)
			b = append(b, d.secondEnterprise()...)
			b = append(b, '"')
		}
	}
	return append(b, ']')
}

// appendMembership renders an entry of members/query.
func (d *Double) appendMembership(b []byte, index int) []byte {
	p := d.people[index]
	b = append(b, `{"licensed":`...)
	b = strconv.AppendBool(b, p.has(licensed))
	b = append(b, `,"managed":`...)
	b = strconv.AppendBool(b, p.managed())
	b = append(b, `,"admin":`...)
	b = strconv.AppendBool(b, p.has(admin))
	b = append(b, `,"deactivated":`...)
	b = strconv.AppendBool(b, p.has(deactivated))
	b = append(b, `,"collaborator":`...)
	b = strconv.AppendBool(b, p.has(guest))
	b = append(b, `,"member":`...)
	b = d.appendMember(b, index, fieldsQuery)
	return append(b, '}')
}

func (p person) managed() bool { return !p.has(guest | hiddenMail) }

func appendDates(b []byte, index int, lastSeen uint32, want fields) []byte {
	if lastSeen == 0 {
		return b
	}
	if want&fieldLastAccessed != 0 {
		b = appendDate(b, `,"dateLastAccessed":"`, index, lastSeen)
	}
	if want&fieldLastImpression != 0 {
		b = appendDate(b, `,"dateLastImpression":"`, index, lastSeen)
	}
	return b
}

func appendDate(b []byte, open string, index int, seconds uint32) []byte {
	b = append(b, open...)
	b = time.Unix(int64(seconds), int64(index%1000)*1e6).UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
	return append(b, '"')
}

func appendUsername(b []byte, first, last string, namesake int) []byte {
	return appendNumber(appendLower(appendLower(b, first), last), namesake)
}

func appendEmail(b []byte, index int, first, last string, namesake int) []byte {
	b = appendLower(b, first)
	b = append(b, '.')
	b = appendNumber(appendLower(b, last), namesake)
	if index%4 == 3 {
		return append(b, "@example.org"...)
	}
	return append(b, "@example.com"...)
}

// appendNumber tells namesakes apart: the second of a name is number 2.
func appendNumber(b []byte, namesake int) []byte {
	if namesake == 0 {
		return b
	}
	return strconv.AppendInt(b, int64(namesake)+1, 10)
}

func appendLower(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' && c < utf8.RuneSelf {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}
