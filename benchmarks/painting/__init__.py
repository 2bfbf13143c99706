"""What drawing a long answer costs the page, and whether it ever holds it up."""
