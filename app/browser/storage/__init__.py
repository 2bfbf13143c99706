"""What this browser keeps: the database, what is in it, and the tabs that share it.

Of the page it may import web.
"""
