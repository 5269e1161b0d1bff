"""Import of published reports (已公布的年报): turns their tables and texts into submissions (报送数据). Labels show
which cell of a form a figure belongs to."""
