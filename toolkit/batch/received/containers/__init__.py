"""Containers (装着文件的文件) of returns: archives and mails. Each is opened in memory and within the limits."""
