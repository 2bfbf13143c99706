"""The Python of a chat: what its model runs, behind walls, with state and files."""
