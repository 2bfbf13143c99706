"""Storage of this browser: the database, its records, and the tabs that share it.

Of the page it may import web.
"""
