"""What `serve.py` and `python -m tests` prepare on first use.

Standard library only: these modules run before any virtual environment exists.
"""
