"""Print docs/deviations.md or, with words after the command, the entries that hold all of them."""

import sys

from . import matching, page

words = sys.argv[1:]
if not words:
    print(page(), end="")
elif entries := matching(words):
    print("\n\n".join(f"{entry.framework}\n{entry.section()}" for entry in entries))
else:
    sys.exit(f"no deviation holds {' and '.join(words)}; fewer words find more")
