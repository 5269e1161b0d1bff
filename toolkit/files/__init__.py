"""Checks every returned file before any parser opens it (入口), and writes results safely. A file is checked for its
size, for its kind by content and, if it is a package, for what is inside."""
