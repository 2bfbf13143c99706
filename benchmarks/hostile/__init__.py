"""Costs of hostile texts for the page. See `__main__`."""
