"""The server behind `serve.py`: the page, the Demo over HTTP, and the built-in model behind a
proxy.
"""
