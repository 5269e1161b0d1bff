"""Reads saved web pages as blocks."""
