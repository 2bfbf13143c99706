"""The page: the only modules that import js and pyodide.

It stands in rooms by what a person sees; in each lie together what it does, how it looks (HTML and
CSS too) and what it says (`words`). `main` makes the parts and connects them. The `.mjs` files are
what Python can't be: what must work before it is up, and the pump below it.
"""
