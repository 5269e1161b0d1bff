"""What people write outside the workbook: texts in Word and text files, read into blocks and split into sections."""
