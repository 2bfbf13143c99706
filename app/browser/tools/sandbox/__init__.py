"""A Python apart from the page's own, which can be ended whatever it does."""
