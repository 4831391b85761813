"""The playground, where rules are tried as somebody, and the sample users for it."""
