"""The list of chats, and all that is done to whole chats.

Of the page it may import conversation, settings, consent, storage, web.
"""
