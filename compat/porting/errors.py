"""What porting raises."""


class PortingError(ValueError):
    """A tensor cannot be moved as asked; the message names it, what is expected there, and what to do."""
