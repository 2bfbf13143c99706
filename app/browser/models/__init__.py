"""Models to ask: providers, their models, and the choice among them.

Of the page it may import settings, net, web.
"""
