"""Costs of a click or a token: calls of Python, crossings into JavaScript, turns."""
