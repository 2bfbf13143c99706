"""The browser under Python's names: elements, tasks, storages, keys, menus, messages.

Of the page it imports nothing else.
"""
