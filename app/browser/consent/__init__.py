"""The one place where a person is asked for a yes.

Of the page it may import web.
"""
