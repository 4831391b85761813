"""While a form is open: what is typed is kept, who else has it open is seen, and what others saved meanwhile is told."""
