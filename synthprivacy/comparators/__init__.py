"""What success on the original is held against: held-out people, later people by weight, or other training people."""
