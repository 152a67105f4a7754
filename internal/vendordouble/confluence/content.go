package confluence

import (
	"slices"
	"sort"
	"time"
)

// nobody is the index of no person.
const nobody = ^uint32(0)

// content is a page or something like it. Only its creator, its last editor and one contributor in between are kept.
type content struct {
	id       uint32
	created  uint32 // Unix seconds
	modified uint32
	creator  uint32 // indexes of people
	editor   uint32
	between  uint32
	kind     uint8 // index in contentTypes
	version  uint16
}

var contentTypes = [...]string{"page", "blogpost", "comment", "attachment"}

// write invents what people wrote. The last activity of each agrees with what is known of them.
func (d *Double) write(each int) {
	d.contents = make([]content, 0, len(d.people)*each)
	for i := range d.people {
		p := d.people[i]
		switch {
		case p.edited == 0:
		case p.overdone:
			bot := d.people[0]
			d.contents = append(d.contents, content{
				created: bot.created, modified: min(p.edited+uint32(days(1)/time.Second), bot.edited),
				creator: 0, editor: 0, between: uint32(i), version: 3,
			})
		default:
			d.writeOwn(i, each)
		}
	}
	for i := range d.contents {
		d.contents[i].id = uint32(98_000 + i)
	}
	sort.SliceStable(d.contents, func(a, b int) bool { return d.contents[a].modified < d.contents[b].modified })
}

func (d *Double) writeOwn(i, each int) {
	p := d.people[i]
	dice := mix(d.seed ^ uint64(i)<<8)
	at := p.edited
	for n := range each {
		c := content{
			modified: at, editor: uint32(i), between: nobody, kind: uint8((i + n) % len(contentTypes)), version: uint16(2 + n),
		}
		if dice%3 == 0 {
			c.creator, c.created = 0, d.people[0].created
		} else {
			c.creator, c.created = uint32(i), max(at-uint32(dice%uint64(days(9)/time.Second)), min(p.created, at))
		}
		d.contents = append(d.contents, c)
		dice = mix(dice)
		at = max(at-uint32(dice%uint64(days(12)/time.Second)), min(p.created, at))
	}
}

// Edit lets somebody change a new page of their own now, and tells its id.
func (d *Double) Edit(id string) (contentID uint32, ok bool) { return d.edit(id, nil) }

// EditAt is Edit at another time. It leaves the person's last activity as it is known.
func (d *Double) EditAt(id string, at time.Time) (contentID uint32, ok bool) { return d.edit(id, &at) }

func (d *Double) edit(id string, at *time.Time) (uint32, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	index, ok := d.indexOf(id)
	if !ok {
		return 0, false
	}
	now := uint32(d.now().Unix())
	if at == nil {
		d.people[index].edited, d.people[index].viewed = now, now
	} else {
		now = uint32(at.Unix())
	}
	c := content{
		id: uint32(98_000 + len(d.contents)), created: now, modified: now,
		creator: uint32(index), editor: uint32(index), between: nobody, version: 1,
	}
	place := d.firstSince(now + 1)
	d.contents = slices.Insert(d.contents, place, c)
	return c.id, true
}

// View lets somebody visit the site now.
func (d *Double) View(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	index, ok := d.indexOf(id)
	if ok {
		d.people[index].viewed = uint32(d.now().Unix())
	}
	return ok
}

// firstSince is the position of the first content that was changed at a time or later.
func (d *Double) firstSince(at uint32) int {
	return sort.Search(len(d.contents), func(i int) bool { return d.contents[i].modified >= at })
}

func (c content) contributor(index uint32) bool {
	return c.creator == index || c.editor == index || c.between == index
}
