"""The demo shop: one product page that is an app of its own, and a look behind it."""
