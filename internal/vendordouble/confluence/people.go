package confluence

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

type flags uint16

const (
	guest      flags = 1 << iota
	app              // a bot of an app
	customer         // somebody of a service desk's portal
	suspended        // does not show in lists
	unlicensed       // listed without the right to use the product
	hiddenMail
)

// person is an account. All else about it follows from the seed and the index.
type person struct {
	created  uint32 // when it was added to the organisation, Unix seconds
	edited   uint32 // last own activity; 0 = never
	viewed   uint32 // last visit; 0 = never
	groups   uint32 // indexes of groups, as bits
	flags    flags
	overdone bool // what they edited last was edited by somebody else since
}

func (p person) has(f flags) bool { return p.flags&f != 0 }

// The kinds of people, repeated in this order, so that small sites have some of each as well.
type kind uint8

const (
	regular     kind = iota // active in the last month
	slowing                 // active one to two months ago
	idle                    // not active for more than two months
	never                   // an old account that was never active
	newcomer                // a new account, active
	unseen                  // a new account, not yet active
	private                 // active in the last month, mail address hidden
	hermit                  // idle, mail address hidden
	reader                  // visits and never writes
	overwritten             // active in the last month, on a page that somebody else edited since
)

var pattern = [...]kind{
	regular, regular, regular, idle, regular, never, newcomer, regular, reader, private, idle, regular, regular,
	slowing, overwritten, idle, regular, regular, unseen, regular, regular, hermit, regular, idle, regular,
}

func (d *Double) populate(members, extraGroups int, now time.Time) {
	d.groups = d.inventGroups(extraGroups)
	if members == 0 {
		// The token belongs to somebody even where nobody holds a seat.
		d.people = []person{{created: ago(now, days(1500)), edited: ago(now, time.Hour), viewed: ago(now, time.Hour)}}
		d.join(0, groupSiteAdmins)
		return
	}
	others := []struct {
		count int
		flags flags
		group int
	}{
		{members/12 + 1, guest, groupUsers}, {members/30 + 1, app, groupUsers}, {members/40 + 1, customer, groupUsers},
		{members/20 + 1, suspended, groupUsers}, {members/25 + 1, unlicensed, groupUsers}, {members/10 + 1, 0, groupEveryone},
	}
	for i := range members {
		d.people = append(d.people, d.invent(i, now))
		d.seat(i)
	}
	for _, o := range others {
		for range o.count {
			i := len(d.people)
			p := d.invent(i, now)
			p.flags |= o.flags
			d.people = append(d.people, p)
			d.join(i, o.group)
		}
	}
	for i := range min(2, members) {
		p := &d.people[i]
		p.flags, p.created = 0, ago(now, days(1500+i))
		p.edited, p.viewed = ago(now, time.Duration(i+1)*time.Hour), ago(now, time.Duration(i+1)*time.Hour)
		d.join(i, [...]int{groupSiteAdmins, groupConfluenceAdmins}[i])
	}
}

// seat puts somebody into the groups that give access: most into one, some into another, some into both.
func (d *Double) seat(i int) {
	if i%10 != 7 {
		d.join(i, groupUsers)
	}
	if i%10 == 7 || i%10 == 8 {
		d.join(i, groupContractors)
	}
	if i%25 == 24 {
		d.join(i, groupSynced)
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
	p := person{created: between(400, 1400)}
	switch pattern[i%len(pattern)] {
	case regular:
		p.edited = between(0, 28)
	case private:
		p.edited, p.flags = between(0, 28), hiddenMail
	case slowing:
		p.edited = between(32, 57)
	case idle:
		p.edited = between(62, 390)
	case hermit:
		p.edited, p.flags = between(62, 390), hiddenMail
	case newcomer:
		p.created = between(5, 25)
		p.edited = between(0, 4)
	case unseen:
		p.created = between(1, 25)
	case reader:
		p.viewed = between(0, 20)
	case overwritten:
		p.edited, p.overdone = between(10, 28), true
	case never:
	}
	p.viewed = max(p.viewed, p.edited)
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

// uuid has the shape of a random UUID; its last four bytes count.
func uuid(vary uint64, count uint32) string {
	return string(appendUUID(nil, vary, count))
}

func appendUUID(b []byte, vary uint64, count uint32) []byte {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], vary)
	binary.BigEndian.PutUint32(raw[8:12], uint32(mix(vary)))
	binary.BigEndian.PutUint32(raw[12:], count)
	raw[6] = raw[6]&0x0f | 0x40
	raw[8] = raw[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[:8], raw[:4])
	hex.Encode(text[9:13], raw[4:6])
	hex.Encode(text[14:18], raw[6:8])
	hex.Encode(text[19:23], raw[8:10])
	hex.Encode(text[24:], raw[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return append(b, text[:]...)
}

const accountPrefix = "712020:"

func (d *Double) appendAccountID(b []byte, index int) []byte {
	return appendUUID(append(b, accountPrefix...), mix(d.seed^uint64(index)<<20), uint32(index))
}

func (d *Double) accountID(index int) string { return string(d.appendAccountID(nil, index)) }

// indexOf finds a person by account id.
func (d *Double) indexOf(id string) (int, bool) {
	if len(id) != len(accountPrefix)+36 {
		return 0, false
	}
	raw, err := hex.DecodeString(id[len(id)-8:])
	if err != nil {
		return 0, false
	}
	index := int(binary.BigEndian.Uint32(raw))
	if index >= len(d.people) || d.accountID(index) != id {
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
	"Abel", "Alma", "Anouk", "Arun", "Bela", "Bruno", "Celia", "Cyrus", "Dalia", "Dov", "Edda", "Eske", "Fenna", "Finn",
	"Gaia", "Goran", "Hedda", "Hiro", "Ilse", "Ivo", "Jorun", "Juno", "Kaito", "Kira", "Lien", "Lorin", "Mael", "Mira",
	"Nadia", "Nuri", "Odile", "Orlo", "Pia", "Pavel", "Ravi", "Runa", "Sami", "Signe", "Tamar", "Timo", "Ulla", "Uri",
	"Vito", "Wanda", "Willa", "Ximena", "Yael", "Yoko", "Zahra", "Zeno",
}

var lastNames = [...]string{
	"Achterberg", "Almeida", "Bakker", "Bellfield", "Caspari", "Corrigan", "Desai", "Duval", "Ekberg", "Escher", "Farkas",
	"Fontaine", "Gallo", "Gunnarsson", "Haddad", "Holm", "Ilves", "Iyer", "Jansky", "Jurado", "Karlsen", "Kimura", "Lantos",
	"Lindgren", "Marchetti", "Mizuno", "Nagy", "Norrby", "Okada", "Ostrow", "Pereira", "Pinter", "Quennell", "Rasmus",
	"Rivera", "Sandoval", "Skov", "Tavares", "Tolliver", "Ueda", "Ulrich", "Varga", "Voss", "Weir", "Winslow", "Xu",
	"Ybarra", "Yilmaz", "Zabel", "Zimmer",
}
