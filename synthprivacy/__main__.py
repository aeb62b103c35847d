"""`python -m synthprivacy` is the command line."""

from synthprivacy.cli import main

main()
