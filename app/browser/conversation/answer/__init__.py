"""One answer as it is seen."""
