"""Kept chats, without a place to keep them: what a record holds, the tree of a chat's messages,
what goes out to a file and comes in, searching, and grouping by day. Pure; `browser/storage`
keeps.
"""
