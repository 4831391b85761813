"""Dates in English, read by Django through FORMAT_MODULE_PATH: the day first, the month as a word, 24 hours.

Moments have seconds and say UTC, which settings.TIME_ZONE is, as they are compared with logs.
"""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y, H:i:s \\U\\T\\C"
TIME_FORMAT = "H:i"
