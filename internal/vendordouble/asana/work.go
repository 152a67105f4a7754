package asana

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// task is a piece of work. All else about it follows from the seed and the index.
type task struct {
	modified int64 // Unix milliseconds
	last     int64 // when its author last changed it, Unix milliseconds
	author   uint32
	private  bool
}

type story struct {
	at     int64 // Unix milliseconds
	author int   // -1 for an automation
}

// event is a login in the audit log.
type event struct {
	at     int64 // Unix milliseconds
	person uint32
	failed bool
}

// history is how far back busy people's tasks go.
const history = 60

// work invents the tasks. The last change to a task of somebody is when they were last at work.
func (d *Double) work(perMember int, now time.Time) {
	cutoff := now.Add(-days(history)).UnixMilli()
	for i, p := range d.people {
		if p.lastSeen == 0 {
			continue
		}
		count := perMember
		if p.lastSeen < cutoff {
			count = 1
		}
		at, dice := p.lastSeen, mix(d.seed^uint64(i)<<20)
		for n := range count {
			if n > 0 {
				dice = mix(dice)
				at -= int64(dice%uint64(days(2*history/perMember+1).Milliseconds())) / 2
			}
			if at < p.created*1000 {
				break
			}
			d.tasks = append(d.tasks, task{modified: at, last: at, author: uint32(i), private: p.has(secretive)})
			if !p.has(sessions) {
				d.events = append(d.events, event{at: at - 60_000, person: uint32(i)})
			}
		}
		if pattern[i%len(pattern)] == idle {
			d.events = append(d.events, event{at: now.Add(-time.Duration(1+i%20) * time.Hour).UnixMilli(), person: uint32(i), failed: true})
		}
	}
	d.newest = make([]uint32, len(d.tasks))
	for i := range d.newest {
		d.newest[i] = uint32(i)
	}
	slices.SortFunc(d.newest, func(a, b uint32) int { return cmp.Compare(d.tasks[b].modified, d.tasks[a].modified) })
	slices.SortFunc(d.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
}

// created is when a task was made, up to 20 days before its last change.
func (d *Double) created(id int) int64 {
	t := d.tasks[id]
	made := t.last - int64(mix(d.seed^uint64(id)<<3)%uint64(days(20).Milliseconds()))
	return max(made, min(d.people[t.author].created*1000, t.last))
}

func completed(id int) bool { return id%3 == 0 }

// parent is the task that a task is below of, or -1. It is the one before, if that is the same person's.
func (d *Double) parent(id int) int {
	if id%8 != 5 || d.tasks[id-1].author != d.tasks[id].author {
		return -1
	}
	return id - 1
}

func (d *Double) subtasks(id int) []int {
	if id+1 < len(d.tasks) && d.parent(id+1) == id {
		return []int{id + 1}
	}
	return nil
}

// projectOf is the project that a task is in, or -1.
func (d *Double) projectOf(id int) int {
	if id%9 == 0 || d.parent(id) >= 0 {
		return -1
	}
	return int(mix(uint64(id)) % uint64(d.projects()))
}

func (d *Double) projects() int { return max(1, len(d.people)/8) }

// stories are what was done to a task, the oldest first. Nobody is in them later than they were last seen.
func (d *Double) stories(id int) []story {
	t := d.tasks[id]
	made, last := d.created(id), t.last
	list := []story{{made, int(t.author)}}
	dice := mix(d.seed ^ uint64(id)<<7)
	between := func() int64 {
		dice = mix(dice)
		return made + int64(dice%uint64(max(last-made, 1)))
	}
	if id%500 == 7 {
		for range 130 {
			list = append(list, story{between(), -1})
		}
	}
	for range id % 3 {
		dice = mix(dice)
		other := int(dice % uint64(len(d.people)))
		who, at := d.people[other], between()
		if at <= who.lastSeen && at >= who.created*1000 && !t.private && !who.has(secretive) {
			list = append(list, story{at, other})
		}
	}
	if id%5 == 2 {
		list = append(list, story{between(), -1})
	}
	list = append(list, story{last, int(t.author)})
	list = append(list, d.extra[uint32(id)]...)
	slices.SortStableFunc(list, func(a, b story) int { return cmp.Compare(a.at, b.at) })
	return list
}

// position is where the tasks begin that were modified before a time.
func (d *Double) position(before int64) int {
	return sort.Search(len(d.newest), func(i int) bool { return d.tasks[d.newest[i]].modified < before })
}

// place puts a task where its time belongs. Callers hold the lock.
func (d *Double) place(id uint32) {
	at := sort.Search(len(d.newest), func(i int) bool { return d.tasks[d.newest[i]].modified <= d.tasks[id].modified })
	d.newest = slices.Insert(d.newest, at, id)
}

// act makes a new task of a person. Callers hold the lock.
func (d *Double) act(person int, at int64) {
	d.tasks = append(d.tasks, task{modified: at, last: at, author: uint32(person), private: d.people[person].has(secretive)})
	d.people[person].lastSeen = max(d.people[person].lastSeen, at)
	d.place(uint32(len(d.tasks) - 1))
}

// comment adds a story to a task, which becomes the newest by that. Callers hold the lock.
func (d *Double) comment(id uint32, person int, at int64) {
	d.extra[id] = append(d.extra[id], story{at, person})
	d.newest = slices.DeleteFunc(d.newest, func(other uint32) bool { return other == id })
	d.tasks[id].modified = max(d.tasks[id].modified, at)
	d.place(id)
	if person >= 0 {
		d.people[person].lastSeen = max(d.people[person].lastSeen, at)
	}
}
