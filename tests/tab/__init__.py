"""Tests of what only the browser has, without a page: they run inside the tab alone."""
