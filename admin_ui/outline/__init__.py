"""Rules as an outline: the tree of each placement, arranged on its page."""
