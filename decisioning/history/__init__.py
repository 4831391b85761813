"""Proves that history is what it was: anchors outside the database, verifications on a timetable, and evidence for strangers."""
