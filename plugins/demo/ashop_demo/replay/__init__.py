"""`ashop demo --from FILE`: a file of real orders, each played at its own time through the real use cases."""
