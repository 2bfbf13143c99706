"""The chat: its values, its runs and its tools. Pure: no I/O, no js; runs unchanged under CPython
and in the tab.
"""
