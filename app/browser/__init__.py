"""The page: the only modules that import js and pyodide.

`main` makes the parts and connects them; `fetch` carries bytes, `painter` writes text, `settings`
keeps what the person chose, `views` hold what is seen. The `.mjs` files are what Python can't be:
what must work before it is up, and the pump below it.
"""
