"""`ashop stock race`: many buyers at once in a shop of its own, and everything checked that happened."""
