"""Writing without JSON: templates, scores, thresholds and tags."""
