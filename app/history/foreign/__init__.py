"""Chats that other apps have exported, as trees of ours. Pure.

`importing` goes through a file, `talk` is what every app's conversation becomes first, and each app
has a module of its own. What comes in has no power: see `brought`.
"""
