"""The running service: events in, tags folded, decisions out."""
