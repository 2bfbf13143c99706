"""The tools that a person writes: files, editor, checks, trials."""
