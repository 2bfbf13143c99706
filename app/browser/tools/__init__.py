"""What a model may call: the page's tools, a person's own, and who may use which.

Of the page it may import models, settings, markdown, web.
"""
