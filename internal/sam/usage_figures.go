package sam

// UsageFigures are what is counted of subscriptions and added up of removal candidates: of everything, of a product, of a cost
// centre or of a department. Subscriptions that an exclusion rule names are in Excluded and in no other figure.
type UsageFigures struct {
	Assigned         int     // active subscriptions
	Activity         Buckets // they again, by days since the last activity
	Stale            int     // those of them that the reclamation rule of their product calls stale
	Judged           int     // those of them for whose product there is an active rule, so that somebody can say whether they are stale
	Unlicensed       int     // those of them that the last reconciliation found no right for
	Unreconciled     int     // those of them that the last reconciliation has not seen, or could not license
	WithoutUser      int     // those of them without a user, which cannot be licensed
	Excluded         int     // active subscriptions that an exclusion rule names; 0 where the instance cannot tell
	PotentialSavings Amount  // of the open removal candidates
	ActualSavings    Amount  // of the candidates closed complete this year, without those that were restored
}

func (f *UsageFigures) add(g UsageFigures) {
	f.Assigned += g.Assigned
	f.Activity.add(g.Activity)
	f.Stale += g.Stale
	f.Judged += g.Judged
	f.Unlicensed += g.Unlicensed
	f.Unreconciled += g.Unreconciled
	f.WithoutUser += g.WithoutUser
	f.Excluded += g.Excluded
	f.PotentialSavings = f.PotentialSavings.Add(g.PotentialSavings)
	f.ActualSavings = f.ActualSavings.Add(g.ActualSavings)
}

func (b *Buckets) add(c Buckets) {
	b.Days0To30 += c.Days0To30
	b.Days31To60 += c.Days31To60
	b.Days61To90 += c.Days61To90
	b.Days91To120 += c.Days91To120
	b.Over120 += c.Over120
	b.Never += c.Never
}

// cell is the smallest part that figures are counted for. An empty field means none: a subscription without a product, a
// user without a cost centre, or no user at all.
type cell struct{ product, costCenter, department string }

// cells hold all figures. Every other figure is a sum of them, so that the parts of anything add up to it.
type cells map[cell]*UsageFigures

// at is the figures of a cell.
func (c cells) at(key cell) *UsageFigures {
	f, ok := c[key]
	if !ok {
		f = new(UsageFigures)
		c[key] = f
	}
	return f
}

// by adds the cells up by what a key makes of them.
func by[K comparable](c cells, key func(cell) K) map[K]UsageFigures {
	sums := map[K]UsageFigures{}
	for at, f := range c {
		sum := sums[key(at)]
		sum.add(*f)
		sums[key(at)] = sum
	}
	return sums
}
