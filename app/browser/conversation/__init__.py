"""The open chat: questions, answers on their way, and the actions on them.

Of the page it may import models, settings, consent, markdown, net, storage, web.
"""
