"""What a chat is. Pure: no I/O, no js; runs unchanged under CPython and in the tab."""
