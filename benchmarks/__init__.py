"""Side by side with the peers, on the same bytes, in one run. Results are ratios, not times."""
