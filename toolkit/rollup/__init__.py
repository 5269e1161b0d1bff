"""The roll-up (汇总): many submissions in, the higher authority's own one out, and what an editor needs beside it."""
