# 2: Exception, line 2
raise Exception("\x00\x1b[2J\ud800")
