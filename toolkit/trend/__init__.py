"""Several years of one agency side by side (趋势)."""
