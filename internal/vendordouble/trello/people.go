package trello

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// maxPeople is how many ids the last three bytes of an object id can count.
const maxPeople = 1 << 24

type flags uint16

const (
	licensed flags = 1 << iota
	deactivated
	managedFree
	guest
	admin
	unconfirmed
	hiddenMail
	left // removed from the enterprise
)

// person is somebody in the enterprise. All else about them follows from the seed and the index.
type person struct {
	created  uint32 // Unix seconds
	lastSeen uint32 // Unix seconds; 0 = never
	flags    flags
}

func (p person) has(f flags) bool { return p.flags&f != 0 }

// The kinds of people, repeated in this order, so that small enterprises have some of each as well.
type kind uint8

const (
	regular  kind = iota // seen in the last month
	slowing              // seen one to two months ago
	idle                 // not seen for more than two months
	never                // an old account that was never seen
	newcomer             // a new account, seen
	unseen               // a new account, not yet seen
	invited              // unconfirmed: invited, did not come yet
	private              // seen in the last month, mail address hidden
	hermit               // idle, mail address hidden
)

var pattern = [...]kind{
	regular, regular, regular, idle, regular, never, newcomer, regular, invited, private, idle, regular, regular,
	slowing, regular, idle, regular, regular, unseen, regular, regular, hermit, regular, idle, regular,
}

func (d *Double) populate(members int, now time.Time) {
	free, guests, gone := members/10, members/12, members/20
	total := members + free + guests + gone
	if members == 0 {
		// The token belongs to somebody even where nobody holds a licence.
		total = 1
	}
	d.people = make([]person, total)
	d.licensed = make([]uint32, 0, members)
	d.maxSeats = members + members/10 + 5
	for i := range d.people {
		p := d.invent(i, now)
		switch {
		case i < members:
			p.flags |= licensed
			d.licensed = append(d.licensed, uint32(i))
		case i < members+free:
			p.flags |= managedFree
		case i < members+free+guests:
			p.flags |= guest | hiddenMail
		case i < total && members > 0:
			p.flags |= deactivated
		}
		d.people[i] = p
	}
	for i := range min(2, total) {
		if i == 0 || members >= 10 {
			p := &d.people[i]
			p.flags = p.flags&licensed | admin
			p.created = ago(now, days(1500+i))
			p.lastSeen = ago(now, time.Duration(i+1)*time.Hour)
		}
	}
}

func (d *Double) invent(i int, now time.Time) person {
	dice := mix(d.seed ^ uint64(i)*0x9e3779b97f4a7c15)
	// between is a time from..to days ago.
	between := func(from, to int) uint32 {
		dice = mix(dice)
		span := uint64(days(to)-days(from)) / uint64(time.Second)
		return ago(now, days(from)+time.Duration(dice%span)*time.Second)
	}
	p := person{created: between(400, 2000)}
	switch pattern[i%len(pattern)] {
	case regular:
		p.lastSeen = between(0, 28)
	case private:
		p.lastSeen, p.flags = between(0, 28), hiddenMail
	case slowing:
		p.lastSeen = between(32, 57)
	case idle:
		p.lastSeen = between(62, 390)
	case hermit:
		p.lastSeen, p.flags = between(62, 390), hiddenMail
	case newcomer:
		p.created = between(5, 25)
		p.lastSeen = between(0, 4)
	case unseen:
		p.created = between(1, 25)
	case invited:
		p.created, p.flags = between(5, 50), unconfirmed|hiddenMail
	case never:
	}
	return p
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func ago(now time.Time, d time.Duration) uint32 { return uint32(now.Add(-d).Unix()) }

// mix is SplitMix64, which makes a good 64-bit number of any other.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func hexDigits(seed, salt uint64, n int) string {
	var b strings.Builder
	for x := mix(seed ^ salt<<32); b.Len() < n; x = mix(x) {
		fmt.Fprintf(&b, "%016x", x)
	}
	return b.String()[:n]
}

// objectID has Trello's shape: four bytes of creation time, five that vary, three that count.
func objectID(created uint32, seed uint64, index int) string {
	var id [24]byte
	putObjectID(&id, created, seed, index)
	return string(id[:])
}

func putObjectID(id *[24]byte, created uint32, seed uint64, index int) {
	vary := mix(seed ^ uint64(index)<<20)
	raw := [12]byte{
		byte(created >> 24), byte(created >> 16), byte(created >> 8), byte(created),
		byte(vary >> 32), byte(vary >> 24), byte(vary >> 16), byte(vary >> 8), byte(vary),
		byte(index >> 16), byte(index >> 8), byte(index),
	}
	hex.Encode(id[:], raw[:])
}

// memberID is the id of the person at an index.
func (d *Double) memberID(index int) string {
	return objectID(d.people[index].created, d.seed, index)
}

// indexOf finds a person by id.
func (d *Double) indexOf(id string) (int, bool) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 12 {
		return 0, false
	}
	index := int(raw[9])<<16 | int(raw[10])<<8 | int(raw[11])
	if index >= len(d.people) || d.memberID(index) != strings.ToLower(id) {
		return 0, false
	}
	return index, true
}

// name is the first and last name at an index, and a number that tells namesakes apart, 0 for the first.
func (d *Double) name(index int) (first, last string, namesake int) {
	if index == 0 {
		return "Ops", "Bot", 0
	}
	combinations := len(firstNames) * len(lastNames)
	// 7919 is prime and no factor of the combinations, so that each comes once before any comes again.
	n := (index*7919 + int(d.seed%uint64(combinations))) % combinations
	return firstNames[n%len(firstNames)], lastNames[n/len(firstNames)], index / combinations
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
