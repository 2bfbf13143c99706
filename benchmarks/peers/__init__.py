"""Results of the published packages for the same input, recorded for tests of ours to read.

They are heavy, so they live in an environment of their own, which `python3 -m tests --peers` makes:

    .runtime/peers/bin/python -m benchmarks.peers.schemas
"""
