"""Costs of a long history for the page."""
