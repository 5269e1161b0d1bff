"""The ledger (台账) of a batch: its files and their results. No other package has SQL for it."""
