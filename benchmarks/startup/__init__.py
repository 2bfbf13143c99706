"""Time until the page is usable, and Python ready, beside a bare PyScript page."""
