"""What runs in the Python that has the peers: a script that needs nothing of this package."""
