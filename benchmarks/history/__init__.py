"""What a long history costs the page."""
