"""A script in several processes, with the volumes of its models sharded over them."""
