"""What reading and writing a checkpoint raises."""


class CheckpointError(ValueError):
    """A file is not a checkpoint that can be read safely, or a state cannot be written in a format.

    The message names the file, what is wrong with it, and what to do.
    """
