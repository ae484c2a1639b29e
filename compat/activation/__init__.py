"""Run code that imports another framework, unmodified: the front ends under the frameworks' own import names."""

from .activation import Activation, ActivationError, activate

__all__ = ["Activation", "ActivationError", "activate"]
