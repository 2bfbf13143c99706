"""The dialog of the settings, and those of one chat.

Of the page it may import tools, models, settings, web.
"""
