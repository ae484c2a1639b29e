"""Algorithms that a caller has to ask for."""
