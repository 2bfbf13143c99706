"""What decoding a stream costs, against the peers: `python3 -m benchmarks.decode`."""
