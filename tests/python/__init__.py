"""The Python session, in CPython and in the tab. Libraries are played by classes that keep to the
same protocol; `tests/libraries.py` asks the real ones.
"""
