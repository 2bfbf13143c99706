"""Tokenfall: a chat app in Python that runs in the browser tab.

core        what a chat is: pure Python, no I/O
protocols   how each wire format reads and is written
providers   who answers: data
scripted    a provider that plays a script
connections a run elsewhere, and serving one
adapters    names that other systems have made familiar
browser     the page; the only code that imports js
native      CPython without a server
server      what serve.py runs
setup       what serve.py and the tests prepare on first use

Imports inside are relative: the tree is `app` in the repository and the tab, and
`tokenfall` where it is installed with pip.
"""

__version__ = "0.1.0"
