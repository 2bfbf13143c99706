"""What is not ours to draw, in a frame apart: diagrams, pictures, previews of pages.

Of the page it may import markdown and web.
"""
