"""What the commands print, in the order in which they work; the work itself is elsewhere."""
