# These are scripts for frameworks that have environments of their own; doctest collection would import them here.
collect_ignore_glob = ["*/*.py"]
