"""The ledger (台账) of a batch: which files there are and what came of each. It alone knows SQL."""
