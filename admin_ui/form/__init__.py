"""The form of an authored thing, made from the struct of its kind: its fields, how it is checked, what is noted beside them."""
