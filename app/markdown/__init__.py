"""Growing Markdown source into finished blocks and one open tail, in linear time. Pure."""
