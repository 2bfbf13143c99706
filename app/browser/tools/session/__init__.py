"""The Python of a chat: its model's code runs there, behind walls, with state and files."""
