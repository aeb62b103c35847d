"""From files and frames to read-only arrays, and the questions asked of tables before any attack."""
