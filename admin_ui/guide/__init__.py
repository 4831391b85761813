"""The marketer's guide, read from docs and shown on pages of the admin: an install without internet has it too."""
