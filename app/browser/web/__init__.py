"""The browser under Python's names: elements, tasks, storages, keys, menus, messages."""
