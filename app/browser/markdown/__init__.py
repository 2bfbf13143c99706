"""Text into the page: Markdown, plain text, code, once a frame."""
