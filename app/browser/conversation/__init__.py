"""What is said in the open chat: questions, answers on their way, and what is done to them.

Of the page it may import models, settings, consent, markdown, net, storage, web.
"""
