package sam

import (
	"context"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Users are the people of the instance.
type Users struct{ c *Client }

// User is a person.
type User struct {
	SysID    string
	UserName string
	Name     string
	Email    string
}

// ByIDs reads users by sys_id. Empty ids are passed over; ids that are unknown or hidden are absent.
func (u *Users) ByIDs(ctx context.Context, sysIDs []string) (map[string]User, error) {
	users := map[string]User{}
	wanted := make([]string, 0, len(sysIDs))
	for _, id := range sysIDs {
		if id != "" {
			wanted = append(wanted, id)
		}
	}
	records := u.c.rest.All(ctx, dictionary.TableUser, servicenow.Where(servicenow.In(dictionary.SysID, wanted...)), servicenow.WalkOptions{
		ReadOptions: servicenow.ReadOptions{Fields: []string{dictionary.UserUserName, dictionary.UserName, dictionary.UserEmail}},
	})
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		users[r.ID()] = User{
			SysID: r.ID(), UserName: r.Get(dictionary.UserUserName), Name: r.Get(dictionary.UserName), Email: r.Get(dictionary.UserEmail),
		}
	}
	return users, nil
}
