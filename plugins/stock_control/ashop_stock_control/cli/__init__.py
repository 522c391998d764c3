"""How `ashop stock` reads and tells: each command parses, calls one function of the stock, and prints."""
