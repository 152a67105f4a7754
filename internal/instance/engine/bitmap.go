package engine

// bitmap is a set of row ids at one bit each: what a refresh has seen must not cost memory per person.
type bitmap struct{ words []uint64 }

func (b *bitmap) set(id int64) {
	word := int(id >> 6)
	for len(b.words) <= word {
		b.words = append(b.words, make([]uint64, max(1024, len(b.words)))...)
	}
	b.words[word] |= 1 << (id & 63)
}

func (b *bitmap) has(id int64) bool {
	word := int(id >> 6)
	return word < len(b.words) && b.words[word]&(1<<(id&63)) != 0
}
