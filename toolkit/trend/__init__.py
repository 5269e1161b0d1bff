"""The trend (趋势): several years of one agency side by side."""
