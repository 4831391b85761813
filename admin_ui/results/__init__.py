"""The pages of what became of it: results of rules and placements."""
