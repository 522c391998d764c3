"""`ashop demo`: a made-up shop whose orders go from checkout to customer through the real use cases."""
