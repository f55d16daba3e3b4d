"""Reads printed and pasted numbers.

tokens            the one tokenizer, for both readers
brackets          the tree of brackets, and the array in it
arrays            strict reader: one array, or several with names, and nothing else
transcript        recovering reader: a paste from a notebook, with the places of what is no array
findings          what a paste holds, as the recovering reader answers it
source_code       Python code and error messages, of which no number is read
decimal_comma     numbers such as 0,5
pandas_tables     Series and DataFrames
torch_parameters  ``state_dict()`` and named parameters
printed_array     the values of an array, and how far its digits may be rounded
"""
