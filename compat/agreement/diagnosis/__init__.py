"""What differences have in common: in which cases they are, and what would make them equal."""
