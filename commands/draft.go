package commands

// CheckDraft holds texts that are looked at before they are a template's against what DefineTemplate asks of every
// template: how many and how long they are, their names and placeholders. What a channel asks beside it does not.
func CheckDraft(page string, data map[string]string) error {
	if err := checkPage(page); err != nil {
		return err
	}
	return checkData(data)
}

// CheckVariables holds a campaign's variables against what CreateCampaign asks of them.
func CheckVariables(vars map[string]string) error { return checkVariables(vars) }
