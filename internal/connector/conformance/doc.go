// Package conformance is the suite of tests that every vendor's connector passes against its double.
package conformance
