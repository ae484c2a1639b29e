"""The command line, what it prints with, and the facts of the machine that it states."""
