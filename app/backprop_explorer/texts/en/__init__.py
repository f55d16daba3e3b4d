"""The English texts, a module for each package."""
