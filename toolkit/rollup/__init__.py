"""The roll-up (汇总): adds many submissions (报送数据) up to the one of the higher authority, and writes what an editor
needs beside it."""
