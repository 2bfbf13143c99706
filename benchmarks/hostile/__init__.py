"""What texts that are made to hurt cost the page. See `__main__`."""
