// Package servicenow is the client side of ServiceNow's REST dialect: Table and Aggregate API, and the companion routes.
package servicenow

// Client talks to one instance. It is safe for concurrent use.
type Client struct{}
