"""The frameworks' own `save` and `load`, each in its own formats."""
