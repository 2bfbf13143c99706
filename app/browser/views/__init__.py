"""What is seen, one part of the page a module. Nothing here knows of providers or requests."""
