"""What each subcommand is given and what its help says: data, which needs neither torch nor NumPy."""
