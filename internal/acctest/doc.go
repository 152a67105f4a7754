// Package acctest is what acceptance tests share: an invented vendor, a database, the embedded instance over it, and a real
// terraform binary that drives the provider. Only tests import it.
package acctest
