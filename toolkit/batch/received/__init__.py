"""What was received (收到的文件): files in folders, archives and mails, what they are, and which agency sent them."""
