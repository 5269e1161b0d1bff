"""Letters to agencies: annotated copies (批注件), notices (退回修改意见), reminders (催报函), and their folders."""
