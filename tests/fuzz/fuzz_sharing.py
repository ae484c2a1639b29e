"""Fuzzing of readers with files that hold few values many times, and texts that steer terminals; Linux only.

    python tests/fuzz/fuzz_sharing.py [FIRST_SEED] [COUNT]

Each seed makes a file of a few kilobytes: a pickle whose values hold one another, some of them put where a reader looks
at them or writes of them. It is listed, described as `fourfold inspect` does, and loaded. The process limits its own
memory and time. It ends with an error where a file leads to anything but a CheckpointError, where a message is long or
not printable, and where a limit is reached. The test suite runs some hundred seeds.
"""

from __future__ import annotations

import random
import resource
import shutil
import struct
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.compat.checkpoints.hostile_archives import storage, zipped
from tests.compat.checkpoints.hostile_folders import named_tensor
from tests.compat.checkpoints.hostile_pickles import HEAD, array, named, text

from fourfold.compat.checkpoints import CheckpointError, load_checkpoint, open_checkpoint
from fourfold.compat.checkpoints.rebuild import CALLS, NAMES
from fourfold.compat.cli.commands.inspect import SHOWN, describe

if TYPE_CHECKING:
    from collections.abc import Callable

MEMORY = 1 << 30  # bytes above what the process has when it starts
SECONDS = 120  # of processor time for all files
MESSAGE = 1000  # letters, without the path
VALUES = 60
DOUBLINGS = 50
TEXTS = (
    *("a", "w.0", "\x1b[2J\x1b[31m", "a\nall agree", "\u202egp.x", "\x9b2J", "b" * 3000),
    *("StructuredToParameterName@@", "UnpackBigParamInfor@@", "OriginShape", "slices"),
    *("path", "data", "protocol_version", "conj", "neg", "latin1"),
)
REFUSED = ("os.system", "builtins.exec", "a.\x1b[2J", "\u2066.x", "megengine.module.\n.x", "c" * 900 + ".d")


class Values(random.Random):
    """Writes values as opcodes, and remembers each: later ones hold earlier ones, mostly the last."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.opcodes: list[bytes] = []
        self.count = 0
        for _ in range(self.randrange(5, VALUES)):
            self.remember(self.value())
        for _ in range(self.choice([0, 0, DOUBLINGS])):
            self.remember(self.doubled())

    def doubled(self) -> bytes:
        """Make a value that holds the last one twice."""
        last = b"j" + struct.pack("<I", self.count - 1)
        return self.choice([b"](" + last * 2 + b"e", b"(" + last * 2 + b"t", b"}(N" + last + b"K\x01" + last + b"u"])

    def remember(self, value: bytes) -> None:
        """Make a value, keep it in the memo, and take it off the stack."""
        self.opcodes.append(value + b"r" + struct.pack("<I", self.count) + b"0")
        self.count += 1

    def earlier(self) -> bytes:
        """Push a value that was made before."""
        if not self.count:
            return b"N"
        back = self.choice([1, 1, 1, 2, 3, self.randrange(1, self.count + 1)])
        return b"j" + struct.pack("<I", max(self.count - back, 0))

    def several(self) -> bytes:
        return self.earlier() * self.choice([0, 1, 2, 2, 2, 3, 50])

    def text(self) -> bytes:
        return text(self.choice(TEXTS))

    def made(self, ways: list[Callable[[], bytes]]) -> bytes:
        return self.choice(ways)()

    def value(self) -> bytes:
        return self.made(
            [
                lambda: b"](" + self.several() + b"e",
                lambda: b"(" + self.several() + b"t",
                lambda: b"}(" + b"".join(self.text() + self.earlier() for _ in range(self.randrange(4))) + b"u",
                lambda: b"\x8f(" + b"".join(b"K" + bytes([index]) for index in range(100)) + b"\x90",
                self.text,
                lambda: self.choice([b"N", b"K\x01", b"G" + bytes(8), b"\x8a\xff" + b"\x7f" * 255]),
                lambda: array(b"K\x00\x85", b"C\x00"),
                lambda: array(b"K\x02\x85", b"C\x08" + bytes(8)),
                lambda: named("megengine.module.x", "Y") + b"(" + self.several() + b"t\x81",
                lambda: self.text() + self.earlier() + b"\x86",
            ]
        )

    def use(self) -> bytes:
        """Put values where a reader looks at them, or writes of them."""
        function = self.choice([*sorted(CALLS), *sorted(NAMES), *REFUSED])
        module, _, name = function.rpartition(".")
        called = text(module) + text(name) + b"\x93"
        return self.made(
            [
                lambda: called + b"(" + b"".join(self.earlier() for _ in range(self.randrange(5))) + b"tR",
                lambda: self.earlier() + self.earlier() + b"b",
                lambda: array(self.earlier(), b"C\x04abcd"),
                lambda: named_tensor("?").replace(text("?"), self.earlier()),
                self.view,
                self.earlier,
            ]
        )

    def view(self) -> bytes:
        kept = self.choice([storage("0", 1)] * 4 + [self.earlier() + b"Q"])
        arguments = kept + b"K\x00" + self.choice([b"K\x01\x85", self.earlier()]) + b"K\x01\x85\x89)"
        return named("torch._utils", "_rebuild_tensor_v2") + b"(" + arguments + self.earlier() + b"tR"

    def pickled(self) -> bytes:
        """Return a whole pickle."""
        kept = b"".join(self.text() + self.choice([self.earlier, self.use])() for _ in range(self.randrange(1, 5)))
        return HEAD + b"".join(self.opcodes) + b"}(" + kept + b"u."


def bare(values: Values, place: Path) -> None:
    place.write_bytes(values.pickled())


def in_zip(values: Values, place: Path) -> None:
    place.write_bytes(zipped({"a/data.pkl": values.pickled(), "a/data/0": bytes(8)}))


def in_legacy(values: Values, place: Path) -> None:
    magic = b"\x80\x02\x8a\x0a" + 0x1950A86A20F9469CFC6C.to_bytes(10, "little") + b"."
    version = values.choice([b"\x80\x02M\xe9\x03.", values.pickled()])
    keys = values.choice([b"\x80\x02](" + text("0") + b"e.", values.pickled()])
    body = values.pickled()
    place.write_bytes(magic + version + b"\x80\x02}." + body + keys + struct.pack("<q", 1) + bytes(4))


def in_folder(values: Values, place: Path) -> None:
    place.mkdir()
    (place / "pickled_data").write_bytes(values.pickled())


LAYOUTS: list[Callable[[Values, Path], None]] = [bare, bare, in_zip, in_legacy, in_folder]


def check(place: Path) -> None:
    """List, describe and load a file.

    Raises:
        AssertionError: a message or a description is not fit to be shown.
    """
    try:
        with open_checkpoint(place, allow=["allowed.x"]) as listing:
            described = describe(listing)
        load_checkpoint(place)
    except CheckpointError as error:
        message = str(error)
        assert message.isprintable(), ascii(message)
        assert len(message) < MESSAGE + 2 * len(str(place)), message
        assert "MemoryError" not in message, message
    else:
        for shown in described["others"].values():
            assert shown.isprintable(), ascii(shown)
            assert len(shown) <= SHOWN, shown


def main() -> None:
    """Fuzz some seeds."""
    given = [int(argument) for argument in sys.argv[1:3]]
    first, count = given + [0, 200][len(given) :]
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    folder = Path(tempfile.mkdtemp())
    try:
        for seed in range(first, first + count):
            values = Values(seed)
            place = folder / str(seed)
            print("seed", seed, flush=True)
            values.choice(LAYOUTS)(values, place)
            check(place)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
