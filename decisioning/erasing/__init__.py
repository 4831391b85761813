"""Erasing a user: every place that holds something of one, how it is emptied, and how it is searched again."""
