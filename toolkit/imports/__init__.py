"""Published reports (已公布的年报) in, submissions out: their tables are matched to a form by labels."""
