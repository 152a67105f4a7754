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
	SysID      string
	UserName   string
	Name       string
	Email      string
	Active     bool   // false: the person left
	Department string // name
	CostCenter string // name
}

// Left tells whether the person is known to have left. Of nobody nothing is known.
func (u User) Left() bool { return u.SysID != "" && !u.Active }

// Display values are asked for because of the names of departments and cost centres.
var readUser = servicenow.ReadOptions{Display: true, Fields: []string{
	dictionary.UserUserName, dictionary.UserName, dictionary.UserEmail, dictionary.UserActive, dictionary.UserDepartment,
	dictionary.UserCostCenter,
}}

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
		ReadOptions: readUser,
	})
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		users[r.ID()] = User{
			SysID: r.ID(), UserName: r.Get(dictionary.UserUserName), Name: r.Get(dictionary.UserName), Email: r.Get(dictionary.UserEmail),
			// Where the instance hides the column, nobody is taken for a person who left.
			Active:     !r.Has(dictionary.UserActive) || r.Bool(dictionary.UserActive),
			Department: r.Display(dictionary.UserDepartment), CostCenter: r.Display(dictionary.UserCostCenter),
		}
	}
	return users, nil
}
