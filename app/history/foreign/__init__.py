"""Chats that other apps have exported, as trees of ours. Pure.

`importing` goes through a file, every app's conversation first becomes a `talk`, and each app has a
module of its own. Imported chats have no power: see `brought`.
"""
