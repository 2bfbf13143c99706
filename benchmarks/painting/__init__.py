"""Costs of drawing a long answer, and whether it ever holds the page up."""
