"""Documents as text, with names for their places: pages, sheets, slides, sections, cells."""

# The tools of a model over the documents of its chat.
SEARCH_FILES, READ_FILE = FILE_TOOLS = ("search_files", "read_file")
