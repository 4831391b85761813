"""The raw archive: every accepted event, kept outside Redis for as long as anybody wants to compute states anew."""
