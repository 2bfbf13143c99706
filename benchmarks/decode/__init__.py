"""Costs of decoding a stream, against the peers: `python3 -m benchmarks.decode`."""
