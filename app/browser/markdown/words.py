"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

COPY_LAST_CODE = "Copy the last code block"
CODE_COPIED = "Code copied."
NO_HEADING = "This answer has no such heading."

# Images from elsewhere, which a person asked for.
IMAGE_LOADING = "Loading the image…"
IMAGE_FAILED = "The image cannot be loaded into this page."
OPEN_IMAGE = "Open it in a new tab"
