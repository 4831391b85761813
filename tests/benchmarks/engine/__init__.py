"""The rule engine beside its peers: the same rules, the same users, the same answers, in turns. Run with `make bench-engine`."""
