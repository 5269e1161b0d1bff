"""The gate (入口) that every returned file passes before any parser sees it: how large it is, what it is by its content
and, for packages, what is inside."""
