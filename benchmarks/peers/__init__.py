"""What the published packages make of the same input, recorded for tests of ours to read.

They are heavy, so they live in an environment of their own and run by hand:

    python3 -m venv .runtime/peers
    .runtime/peers/bin/pip install --require-hashes -r requirements/peers.txt
    .runtime/peers/bin/python -m benchmarks.peers.schemas
"""
