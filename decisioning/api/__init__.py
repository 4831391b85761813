"""The doors: authentication, wire formats and views. Thin; the work is in decide and ingest."""
