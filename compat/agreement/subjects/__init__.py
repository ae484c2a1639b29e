"""Everything that can run cases in this process, by name."""

from .base import InProcess, Subject
from .engine import SUBJECT as ENGINE
from .fluid import DOCUMENTED as FLUID
from .fluid import RELEASED as FLUID_1_8
from .megengine import SUBJECT as MEGENGINE
from .oneflow import SUBJECT as ONEFLOW
from .paddle import SUBJECT as PADDLE
from .torch import PYTORCH
from .torch import SUBJECT as TORCH

__all__ = ["ENGINE", "SUBJECTS", "InProcess", "Subject"]

SUBJECTS: dict[str, Subject] = {
    subject.name: subject for subject in (ENGINE, TORCH, PADDLE, FLUID, FLUID_1_8, MEGENGINE, ONEFLOW, PYTORCH)
}
