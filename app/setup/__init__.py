"""Preparation for `serve.py` and `python -m tests`, on first use.

Standard library only: these modules run before any virtual environment exists.
"""
