"""Time and memory of a Python session in the tab."""
