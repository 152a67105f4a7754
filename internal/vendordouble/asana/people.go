package asana

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Ids count up from these numbers. They are longer than a float can hold exactly, as Asana's are.
const (
	workspaceGID  = "1200000000000001"
	otherGID      = "1200000000000002" // a second workspace, for faults
	serviceGID    = "1200000000000005" // the service account, who is no member
	userBase      = 1210000000000000
	membershipGID = 1220000000000000
	taskBase      = 1230000000000000
	storyBase     = 1240000000000000
	projectBase   = 1250000000000000
	eventBase     = 1260000000000000
	jobBase       = 1270000000000000
)

type flags uint16

const (
	active flags = 1 << iota
	admin
	guest
	viewOnly
	hiddenMail
	agent
	secretive // works in private tasks only
	sessions  // never logs in anew
)

// person is somebody in the organisation. All else about them follows from the seed and the index.
type person struct {
	created  int64 // of the present membership, Unix seconds
	lastSeen int64 // when they last worked on a task, Unix milliseconds; 0 = never
	rejoined int64 // when they were added again, Unix milliseconds; older tasks have no assignee
	flags    flags
}

func (p person) has(f flags) bool { return p.flags&f != 0 }

func (p person) holdsSeat() bool { return p.has(active) && !p.has(guest|agent) }

// row is a membership: the present one of a person, or one that ended.
type row struct {
	person uint32
	former bool
}

// The kinds of people, repeated in this order, so that small organisations have some of each as well.
type kind uint8

const (
	regular   kind = iota // worked in the last month
	slowing               // worked one to two months ago
	idle                  // did nothing for more than two months
	never                 // an old account that never did anything
	newcomer              // a new account, at work
	unseen                // a new account, not yet at work
	hidden                // at work in private tasks only
	hermit                // idle, mail address hidden
	returned              // was removed and came back: has a former membership as well
	reader                // at work, with a view-only seat and a session that never ends
	shy                   // at work, mail address hidden
	persevere             // at work, with a session that never ends
)

var pattern = [...]kind{
	regular, regular, shy, idle, regular, never, newcomer, regular, returned, regular, idle, hidden, regular,
	slowing, reader, idle, regular, regular, unseen, returned, regular, hermit, persevere, idle, regular,
}

func (d *Double) populate(members int, now time.Time) {
	guests, gone, agents := members/12, members/20, 0
	if members >= 10 {
		agents = 2
	}
	d.people = make([]person, members+guests+gone+agents)
	d.rows = make([]row, 0, len(d.people)+members/10)
	var back []row
	for i := range d.people {
		p, was := d.invent(i, now)
		switch {
		case i < members:
			p.flags |= active
		case i < members+guests:
			p.flags |= active | guest
		case i < members+guests+gone:
			p.flags = 0
			was = regular
		default:
			p.flags |= active | agent
			p.lastSeen, was = 0, regular
		}
		if i == 0 || i == 1 && members >= 10 {
			p = person{created: now.AddDate(-4, 0, -i).Unix(), lastSeen: now.Add(-time.Duration(i+1) * time.Hour).UnixMilli(), flags: active | admin}
			was = regular
		}
		d.people[i] = p
		r := row{person: uint32(i), former: was == returned}
		d.rows = append(d.rows, r)
		if r.former {
			back = append(back, row{person: uint32(i)})
		}
	}
	d.rows = append(d.rows, back...)
}

func (d *Double) invent(i int, now time.Time) (person, kind) {
	dice := mix(d.seed ^ uint64(i)*0x9e3779b97f4a7c15)
	// between is a time from..to days ago, in milliseconds.
	between := func(from, to int) int64 {
		dice = mix(dice)
		return now.UnixMilli() - days(from).Milliseconds() - int64(dice%uint64((days(to)-days(from)).Milliseconds()))
	}
	p := person{created: between(400, 1500) / 1000}
	k := pattern[i%len(pattern)]
	switch k {
	case regular, returned:
		p.lastSeen = between(0, 28)
	case shy:
		p.lastSeen, p.flags = between(0, 28), hiddenMail
	case reader:
		p.lastSeen, p.flags = between(0, 28), viewOnly|sessions
	case persevere:
		p.lastSeen, p.flags = between(0, 28), sessions
	case hidden:
		p.lastSeen, p.flags = between(0, 28), secretive
	case slowing:
		p.lastSeen = between(32, 57)
	case idle:
		p.lastSeen = between(62, 390)
	case hermit:
		p.lastSeen, p.flags = between(62, 390), hiddenMail
	case newcomer:
		p.created = between(5, 25) / 1000
		p.lastSeen = between(0, 4)
	case unseen:
		p.created = between(1, 25) / 1000
	case never:
	}
	return p, k
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// mix is SplitMix64, which makes a good 64-bit number of any other.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func digits(seed, salt uint64, n int) string {
	var b strings.Builder
	for x := mix(seed ^ salt<<32); b.Len() < n; x = mix(x) {
		fmt.Fprintf(&b, "%020d", x)
	}
	return b.String()[:n]
}

func gid(base, index int) string { return strconv.Itoa(base + index) }

// index finds what an id counts from a base.
func index(gid string, base, size int) (int, bool) {
	n, err := strconv.Atoi(gid)
	if err != nil || n < base || n-base >= size || gid != strconv.Itoa(n) {
		return 0, false
	}
	return n - base, true
}

// name is the first and last name at an index, and a number that tells namesakes apart, 0 for the first.
func (d *Double) name(index int) (first, last string, namesake int) {
	if index == 0 {
		return "Ops", "Admin", 0
	}
	combinations := len(firstNames) * len(lastNames)
	// 7919 is prime and no factor of the combinations, so that each comes once before any comes again.
	n := (index*7919 + int(d.seed%uint64(combinations))) % combinations
	return firstNames[n%len(firstNames)], lastNames[n/len(firstNames)], index / combinations
}

func appendEmail(b []byte, index int, first, last string, namesake int) []byte {
	b = append(b, strings.ToLower(first)...)
	b = append(b, '.')
	b = append(b, strings.ToLower(last)...)
	if namesake > 0 {
		b = strconv.AppendInt(b, int64(namesake)+1, 10)
	}
	if index%4 == 3 {
		return append(b, "@example.org"...)
	}
	return append(b, "@example.com"...)
}

func (d *Double) email(index int) string {
	if d.people[index].has(hiddenMail) {
		return ""
	}
	first, last, namesake := d.name(index)
	return string(appendEmail(nil, index, first, last, namesake))
}

var firstNames = [...]string{
	"Ada", "Amara", "Anton", "Aylin", "Bao", "Bea", "Bo", "Camila", "Chidi", "Clara", "Dario", "Deepa", "Dylan", "Elif",
	"Emeka", "Enzo", "Farah", "Felix", "Freya", "Gita", "Greta", "Hana", "Hugo", "Ibrahim", "Ines", "Ivan", "Jia", "Jonas",
	"Kaveh", "Keiko", "Kofi", "Lars", "Leila", "Luca", "Maeve", "Malik", "Marta", "Milan", "Mina", "Naomi", "Nils", "Noor",
	"Oksana", "Omar", "Paloma", "Petra", "Priya", "Quentin", "Rafael", "Rosa", "Samir", "Saoirse", "Sven", "Tariq",
	"Teresa", "Thandi", "Tomas", "Uma", "Vera", "Wei", "Xenia", "Yara", "Yusuf", "Zoe",
}

var lastNames = [...]string{
	"Abara", "Alder", "Amsel", "Baptiste", "Birk", "Bright", "Calder", "Castellan", "Chandra", "Cortes", "Dahl", "Demir",
	"Draper", "Eberle", "Ekwueme", "Falk", "Farrow", "Fenwick", "Galli", "Grove", "Halim", "Hartwell", "Hollis", "Ibarra",
	"Inoue", "Jarvi", "Joshi", "Kamara", "Keller", "Kowal", "Lindqvist", "Lowe", "Maddox", "Marin", "Mbeki", "Moreau",
	"Nakano", "Novak", "Oduya", "Okafor", "Orton", "Paredes", "Pell", "Quill", "Quist", "Rahimi", "Reed", "Romero",
	"Sadler", "Santos", "Sato", "Schilling", "Tanaka", "Thorne", "Tran", "Umarov", "Vance", "Vidal", "Wren", "Yates",
	"Zander", "Zeller", "Ziegler", "Zuma",
}
