"""Many files: finding them, reading each one, and the results of a whole batch."""
