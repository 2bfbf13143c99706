"""Tools that a model may call: the page's, a person's own, and the leave for each.

Of the page it may import models, settings, markdown, web.
"""
