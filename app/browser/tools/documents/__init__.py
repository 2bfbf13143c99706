"""Documents of a chat: read by a Python apart, searched and read by its model."""
