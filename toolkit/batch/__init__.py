"""The batch (批次): finds many files, reads and checks each one, and writes the results of all."""
