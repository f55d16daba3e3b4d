"""Check a student's own code: run it under a tracer and recognise what each source line computes.

``recorder`` notes the arrays that each source line makes. ``quantities`` recognises them by value.
``explanations`` finds the mistakes that give the other values, ``locate`` the source line in which
a mistake is made, and ``shape_errors`` explains an exception. ``check_code`` puts them together.
"""
