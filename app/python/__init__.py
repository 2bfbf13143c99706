"""A Python session: cells that share their names, with their output and the files that they leave.

Standard library only (of `core` what needs no more), so that the same files run in CPython 3.11 and
later, in the Pyodide of the tab and in any other. The side that gives the cells is outside:
`process` and `worker` carry messages.

cells       source -> code: top-level await, the last expression, lines for tracebacks
session     one after the other is run, with all that it does told as messages
messages    what is said between a session and who gives the cells
output      what is printed, as it comes, within bounds
bundles     an object -> its representations by type (`_repr_*_`);  tables, figures  two kinds
            with a form of their own;  matplotlib_backend  what shows figures
plain       an object as text, within bounds;  tracebacks  what went wrong, cut to the cell
summaries   the same for a model;  variables  names, types, shapes, sizes
folder      which files a cell changed;  notebook_names  the modules that notebooks have
process     a session in a process of its own;  worker  one in the tab
"""
