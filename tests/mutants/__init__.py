"""Small changes of our code, one at a time, each of which some test should notice.

`python3 -m tests --mutants` takes a sample of all of them by a seed. mutmut's operators make the
changes; no file is written: each trial is a process of its own, forked from one that has loaded
pytest, which imports the changed module in place of the real one and runs the tests that reach
the changed line, the quickest first.
"""
