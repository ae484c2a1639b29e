"""Replay a recorded model here, layer by layer, and name the first layer that leaves its bound."""

from .result import LayerResult, TensorResult, Verification
from .run import VerificationError, verify
from .status import Status

__all__ = ["LayerResult", "Status", "TensorResult", "Verification", "VerificationError", "verify"]
