"""The last step of a person taken back: what a step left of itself, and putting it back, whether it was drafts or places in folders."""
