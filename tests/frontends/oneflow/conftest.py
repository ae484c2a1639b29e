# These import OneFlow, which has an environment of its own; doctest collection would import them here.
collect_ignore_glob = ["training.py", "documentation/*.py"]
