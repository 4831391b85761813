"""The calendar: what begins, ends and goes live in a month."""
