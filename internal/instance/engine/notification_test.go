package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// injected are texts that would be more than one address, or more than one header, where a channel writes them into one.
var injected = []string{
	"anna@example.com\r\nBcc: everybody@example.com", "anna@example.com\nBcc: everybody@example.com", "anna@example.com\rX: y",
	"anna@example.com,everybody@example.com", "anna@example.com; everybody@example.com", "Anna <anna@example.com>", "<anna@example.com>",
	"anna@example.com everybody@example.com", `"anna,everybody"@example.com`, "@", "anna@", "@example.com",
}

func TestMessagesGoToOneAddressAUser(t *testing.T) {
	t.Parallel()
	w, _, c := asking(t, 1)
	user := w.candidate(c[0])["user"]
	for _, address := range injected {
		w.overwrite(dictionary.TableUser, user, store.Row{"email": address, "user_name": address})
		item := reclaimOne(w, c[0])
		require.Equal(t, companion.OutcomeFailed, item.Outcome, "%q", address)
		require.Contains(t, item.Message, "no user with a mail address")
	}
	require.Zero(t, w.count(dictionary.TableEmail, ""))

	w.overwrite(dictionary.TableUser, user, store.Row{"email": injected[0], "user_name": "jörg.o'neil+sam@münchen.example"})
	w.asked(c[0])
	require.Equal(t, "jörg.o'neil+sam@münchen.example", w.notice(c[0])["recipients"])
}

func TestMessagesToAGroupAreToAddressesOnly(t *testing.T) {
	t.Parallel()
	w, _, c := asking(t, 1)
	group := dictionary.SeedID(dictionary.TableUserGroup, dictionary.DefaultAssignmentGroup)
	for i, address := range append([]string{"bob@example.com"}, injected...) {
		user := w.insert(dictionary.TableUser, store.Row{"user_name": "member-" + string(rune('a'+i))})["sys_id"]
		w.overwrite(dictionary.TableUser, user, store.Row{"email": address})
		w.join(group, user)
	}
	w.asked(c[0])
	w.delivered(c[0], dictionary.EmailSent)
	w.answered(c[0], companion.AnswerKeep)
	mails := w.find(dictionary.TableEmail, "subjectSTARTSWITHA user wants to keep")
	require.Len(t, mails, 1)
	require.Equal(t, "bob@example.com", mails[0]["recipients"])
}

func TestTheSubjectOfAMessageIsOneLine(t *testing.T) {
	t.Parallel()
	w, _, c := asking(t, 1)
	w.overwrite(dictionary.TableSubscription, c[0]["user_subscription"], store.Row{"display_name": "Trello\r\nBcc: everybody@example.com\n\nboo"})
	w.asked(c[0])
	require.Equal(t, "Do you still need Trello Bcc: everybody@example.com boo? ("+c[0]["number"]+")", w.notice(c[0])["subject"])
}
