"""What porting raises."""

from ..checkpoints.shown import VisibleError


class PortingError(VisibleError):
    """A tensor cannot be moved as asked; the message names it, what is expected there, and what to do."""


class NoCounterpartError(PortingError):
    """The target has no class that computes what a layer does; the layer stays, as the plan says."""
