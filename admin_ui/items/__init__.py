"""Pages of authored things, one class for every kind: lists with their state, forms that save drafts, removing and discarding."""
