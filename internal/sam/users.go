package sam

import "context"

// Users are the people of the instance.
type Users struct{ c *Client }

// User is a person.
type User struct {
	SysID    string
	UserName string
	Name     string
	Email    string
}

// ByIDs reads users by sys_id. Ids that are unknown or hidden are absent.
func (u *Users) ByIDs(ctx context.Context, sysIDs []string) (map[string]User, error) {
	return nil, errSkeleton
}
