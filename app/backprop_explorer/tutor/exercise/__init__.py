"""A program checked as an exercise: against the working of numbers that were told."""
