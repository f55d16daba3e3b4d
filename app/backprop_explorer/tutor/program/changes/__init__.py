"""Changes of a program's source, one at a time, and whether all results are right with one."""
