"""Print docs/deviations.md."""

from . import page

print(page(), end="")
