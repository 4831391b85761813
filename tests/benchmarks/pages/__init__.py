"""How long a marketer waits for each page of a workspace with 1,000 rules, 2,000 tags and 500 templates: `make bench-pages`."""
