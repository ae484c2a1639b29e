"""Other frameworks, measured in the same rounds."""

from .doctor import examine_peer
from .subject import PEERS, Peer, Quiet

__all__ = ["PEERS", "Peer", "Quiet", "examine_peer"]
