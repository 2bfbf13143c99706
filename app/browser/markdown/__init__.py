"""Text into the page: Markdown, plain text, code, once a frame.

Of the page it may import web.
"""
