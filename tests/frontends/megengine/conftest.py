# These import MegEngine, which has an environment of its own; doctest collection would import them here.
collect_ignore_glob = ["documentation/*.py"]
