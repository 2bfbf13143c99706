"""`python -m app`: asks a model from the command line."""
