"""Displays in a frame apart, drawn by others: diagrams, pictures, previews of pages.

Of the page it may import markdown and web.
"""
