"""Help on every page: where one can go and by which keys, and a tour of the places for who is new."""
