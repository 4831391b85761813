"""Template helpers of the admin pages."""
