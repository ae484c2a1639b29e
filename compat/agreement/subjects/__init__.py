"""Everything that can run cases in this process, by name."""

from .base import ENGINE, SUBJECTS, InProcess, Subject

__all__ = ["ENGINE", "SUBJECTS", "InProcess", "Subject"]
