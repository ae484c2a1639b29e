"""synchronous.py SCRIPT ARGUMENT ...: run a script in MegEngine's environment, each operation ended before the next.

Those of 1.13 run in threads of their own, and on a busy machine some read what others still write (`F.linspace` twice).
"""

import runpy
import sys


def main() -> None:
    import megengine  # type: ignore[import-not-found]

    megengine.config.async_level = 0
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
