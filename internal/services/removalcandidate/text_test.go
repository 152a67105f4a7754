package removalcandidate

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"
)

func TestTextsKeepToThemselves(t *testing.T) {
	t.Parallel()
	rows := []candidateModel{
		{Number: types.StringValue("RCC0000002"), Product: types.StringValue(`=HYPERLINK("x", "a|b")`), InactiveDays: types.Int64Value(70)},
		{Number: types.StringValue("RCC0000001"), Product: types.StringValue("<b>_Plan_</b>\n"), PotentialSavings: types.StringValue("12.5")},
		{Number: types.StringValue("RCC0000003"), Leaver: types.BoolValue(true)},
	}
	require.Equal(t, "number,user_mark,product,justification,inactive_days,leaver,potential_savings\n"+
		"RCC0000003,,,,,true,\n"+
		"RCC0000001,,\"<b>_Plan_</b>\n\",,,false,12.5\n"+
		"RCC0000002,,\"'=HYPERLINK(\"\"x\"\", \"\"a|b\"\")\",,70,false,\n", csvOf(rows))
	require.Equal(t, "| Candidate | Product | Justification | Inactive days | Left | Potential savings |\n| --- | --- | --- | --- | --- | --- |\n"+
		"| RCC0000003 |  |  |  | true |  |\n"+
		"| RCC0000001 | &lt;b>\\_Plan\\_&lt;/b>  |  |  | false | 12.5 |\n"+
		"| RCC0000002 | =HYPERLINK(\"x\", \"a\\|b\") |  | 70 | false |  |\n", markdownOf(rows))
}
