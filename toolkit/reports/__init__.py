"""Reports (报告): a submission (报送数据) as a Word document, a web page or a PDF."""
