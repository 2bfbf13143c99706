"""What a click or a token costs the page: calls of Python, crossings into JavaScript, turns."""
