"""The checks of a workspace, by what they look at. `rules.engine.check` lists them."""
