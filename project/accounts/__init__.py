"""People: users and their profiles."""
