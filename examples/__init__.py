"""Short programs, each about one thing that the library does: `python -m examples.events`.

They need neither key nor network, since a script plays the model (`script.py`). What each prints
stands at the end of its docstring; `tests/examples` runs them under CPython and in the tab.
"""
