"""A pickle machine that executes nothing: it builds plain data and the names of globals, with bounds on all it takes.

`pickle.Unpickler` with a `find_class` of one's own still calls what it is given with the file's arguments, takes
memory that a length claims, and recurses. Here each opcode is a few lines, strings of any length stay in the file,
and what a global with arguments means is decided by `rebuild`, which knows a short list of them.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from .values import Global, Pickle, Piece

if TYPE_CHECKING:
    from collections.abc import Callable

    from .rebuild import Rebuilder
    from .source import Source

# A tensor takes about 25 operations, and at least 50 bytes. 20 million of them take some 5 seconds.
OPERATIONS = 300_000
BYTES_PER_OPERATION = 2
MOST = 20_000_000
BUFFER = 1 << 16
IN_MEMORY = 1 << 14
INTEGER_BYTES = 1 << 10
LINE = 1000
# No format has sets. An empty one takes 216 bytes of memory and one of the file.
SETS = 10_000
BYTES_PER_SET = 64
PROTOCOLS = range(2, 6)
KEYS = (str, int, float, bool, bytes, type(None))


class Machine:
    """Reads one pickle from a file.

    Args:
        source: the file.
        start: offset of the pickle's first byte.
        rebuilder: says what globals mean.
        persistent: what persistent identifiers stand for, or None where the format has none.
    """

    def __init__(
        self, source: Source, start: int, rebuilder: Rebuilder, persistent: Callable[[Any], Any] | None = None
    ) -> None:
        self.source = source
        self.rebuilder = rebuilder
        self.persistent = persistent
        self.stack: list[Any] = []
        self.marks: list[int] = []  # how high the stack was at each mark
        self.memo: dict[int, Any] = {}
        self.protocol = 0
        self.sets = 0
        # a part of the file, where it begins, and how much of it was read
        self.buffer, self.base, self.position = b"", start, 0

    @property
    def offset(self) -> int:
        """Where in the file the next byte is."""
        return self.base + self.position

    def run(self) -> Pickle:
        """Read up to STOP.

        Raises:
            CheckpointError: if the pickle is damaged, names a global that is not allowed, or takes too much.
        """
        most = min(OPERATIONS + self.source.size // BYTES_PER_OPERATION, MOST)
        for count in range(most):
            if self.position == len(self.buffer):
                self.fill(1)
            code = self.buffer[self.position]
            self.position += 1
            if code == STOP:
                value = self.pop()
                if self.stack or self.marks:
                    msg = "ends with more than one value"
                    raise self.bad(msg)
                return Pickle(value, self.protocol, self.offset, count, self.source.size, self.rebuilder.seen)
            operation = OPERATION[code]
            if operation is None:
                msg = f"has the opcode 0x{code:02x}, which no writer of checkpoints uses"
                raise self.bad(msg)
            operation(self)
        msg = f"takes more than {most} operations, which is too many for a file of {self.source.size} bytes"
        raise self.bad(msg)

    def bad(self, text: str) -> Exception:
        """Return an error that names the file and the offset."""
        return self.source.error(f"the pickle {text} (near byte {self.offset}). It is damaged, or was made to do harm.")

    def fill(self, count: int) -> None:
        """Have at least `count` of the next bytes in the buffer."""
        self.source.check(self.offset, count)
        size = min(max(count, BUFFER), self.source.size - self.offset)
        self.base, self.buffer, self.position = self.offset, self.source.read(self.offset, size), 0

    def take(self, count: int) -> bytes:
        """Return the next bytes of the file."""
        if self.position + count > len(self.buffer):
            self.fill(count)
        data = self.buffer[self.position : self.position + count]
        self.position += count
        return data

    def skip(self, count: int) -> None:
        """Leave the next bytes in the file."""
        self.source.check(self.offset, count)
        self.base, self.buffer, self.position = self.offset + count, self.buffer[self.position + count :], 0

    def number(self, layout: str) -> int:
        """Return the next number of the file."""
        value: int = struct.unpack(layout, self.take(struct.calcsize(layout)))[0]
        return value

    def pop(self) -> Any:
        """Take the top value, which may not be below a mark."""
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            msg = "takes a value from an empty stack"
            raise self.bad(msg)
        return self.stack.pop()

    def mark(self) -> None:
        """Set a mark."""
        self.marks.append(len(self.stack))

    def pop_to_mark(self) -> list[Any]:
        """Take the values above the last mark, and the mark."""
        if not self.marks:
            msg = "looks for a mark that it has not set"
            raise self.bad(msg)
        index = self.marks.pop()
        values = self.stack[index:]
        del self.stack[index:]
        return values

    def top(self, *kinds: type) -> Any:
        """Return the top value, which has to be of one of the kinds."""
        if len(self.stack) <= (self.marks[-1] if self.marks else 0) or not isinstance(self.stack[-1], kinds):
            msg = "adds to a value that takes no additions"
            raise self.bad(msg)
        return self.stack[-1]

    def push_string(self, length: int, *, text: bool) -> None:
        """Push a string; a long one stays in the file."""
        if length > IN_MEMORY:
            self.stack.append(Piece(self.offset, length, text))
            self.skip(length)
            return
        data = self.take(length)
        self.stack.append(data.decode("utf-8", "surrogatepass") if text else data)

    def push_global(self, module: Any, name: Any) -> None:
        """Push the name of a global, if it is allowed."""
        if not isinstance(module, str) or not isinstance(name, str):
            msg = "names a global with something that is not text"
            raise self.bad(msg)
        self.stack.append(self.rebuilder.allowed(module, name))

    def line(self) -> str:
        """Return the next line, at most `LINE` bytes of it."""
        end = self.buffer.find(b"\n", self.position, self.position + LINE)
        if end < 0:
            self.fill(min(LINE, self.source.size - self.offset))
            end = self.buffer.find(b"\n", 0, LINE)
        if end < 0:
            msg = "has a line without an end"
            raise self.bad(msg)
        return self.take(end + 1 - self.position)[:-1].decode("utf-8")

    def set_items(self, pairs: list[Any]) -> None:
        """Add keys and values to the dictionary on top."""
        target = self.top(dict)
        if len(pairs) % 2:
            msg = "adds a key without a value"
            raise self.bad(msg)
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            target[self.key(key)] = value

    def key(self, key: Any) -> Any:
        """Return a key. Only kinds whose hashes a file cannot make collide by the million."""
        if type(key) not in KEYS or (type(key) is int and not -(1 << 63) <= key < 1 << 63):
            msg = f"has a key of type {type(key).__name__}"
            raise self.bad(msg)
        return key

    def remember(self, index: int) -> None:
        """Put the top value into the memo."""
        self.memo[index] = self.top(object)

    def recall(self, index: int) -> None:
        """Push a value of the memo."""
        if index not in self.memo:
            msg = f"recalls value {index}, which it has not stored"
            raise self.bad(msg)
        self.stack.append(self.memo[index])

    def reduce(self, *, new: bool) -> None:
        """Call: decided by name."""
        arguments, function = self.pop(), self.pop()
        if not isinstance(function, Global) or not isinstance(arguments, tuple):
            msg = "calls something that is not a global"
            raise self.bad(msg)
        self.stack.append(self.rebuilder.call(function, arguments, new=new))

    def build(self) -> None:
        """Give the object below the top its state."""
        state = self.pop()
        self.rebuilder.build(self.top(object), state)

    def integer(self, length: int) -> None:
        """Push a long integer."""
        if not 0 <= length <= INTEGER_BYTES:
            msg = f"has an integer of {length} bytes"
            raise self.bad(msg)
        self.stack.append(int.from_bytes(self.take(length), "little", signed=True))

    def set_protocol(self) -> None:
        """Note the protocol."""
        self.protocol = self.number("B")
        if self.protocol not in PROTOCOLS:
            msg = f"has protocol {self.protocol}; readable are 2 to 5"
            raise self.bad(msg)

    def new_with_keywords(self) -> None:
        """NEWOBJ_EX: keywords are no part of what checkpoints hold."""
        keywords = self.pop()
        if keywords != {}:
            msg = "makes an object with keyword arguments"
            raise self.bad(msg)
        self.reduce(new=True)

    def persistent_id(self) -> None:
        """Push what a persistent identifier stands for."""
        if self.persistent is None:
            msg = "refers to a torch storage outside it; a torch file has it in a zip archive, or after it"
            raise self.bad(msg)
        self.stack.append(self.persistent(self.pop()))

    def extend(self, kind: type) -> None:
        """Add the values above the mark to the list or set below it."""
        values = self.pop_to_mark()
        target = self.top(kind)
        if isinstance(target, list):
            target.extend(values)
        else:
            target.update(self.key(value) for value in values)

    def push_set(self, value: set[Any] | frozenset[Any]) -> None:
        """Push a set, of which there may be few."""
        self.sets += 1
        if self.sets > SETS + self.source.size // BYTES_PER_SET:
            msg = "has more sets than checkpoints have"
            raise self.bad(msg)
        self.stack.append(value)

    def set_item(self) -> None:
        """Add one key and value."""
        value, key = self.pop(), self.pop()
        self.set_items([key, value])

    def tuple_of(self, count: int) -> None:
        """Make a tuple of the top values."""
        if len(self.stack) < count + (self.marks[-1] if self.marks else 0):
            msg = "takes a value from an empty stack"
            raise self.bad(msg)
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def stack_global(self) -> None:
        """Push the global whose names are on the stack."""
        name, module = self.pop(), self.pop()
        self.push_global(module, name)

    def append(self) -> None:
        """Add the top value to the list below it."""
        value = self.pop()
        self.top(list).append(value)

    def duplicate(self) -> None:
        """Push the top value again."""
        self.stack.append(self.top(object))


def _push(value: Any) -> Callable[[Machine], None]:
    return lambda machine: machine.stack.append(value)


def _text(layout: str) -> Callable[[Machine], None]:
    return lambda machine: machine.push_string(machine.number(layout), text=True)


def _bytes(layout: str) -> Callable[[Machine], None]:
    return lambda machine: machine.push_string(machine.number(layout), text=False)


def _number(layout: str) -> Callable[[Machine], None]:
    return lambda machine: machine.stack.append(machine.number(layout))


STOP = ord(".")
TABLE: dict[int, Callable[[Machine], Any]] = {
    ord("\x80"): Machine.set_protocol,
    ord("\x95"): lambda machine: machine.number("<Q"),  # FRAME: its length says nothing that is needed here
    ord("("): Machine.mark,
    ord("0"): Machine.pop,
    ord("1"): Machine.pop_to_mark,
    ord("2"): Machine.duplicate,
    ord("N"): _push(None),
    ord("\x88"): _push(True),
    ord("\x89"): _push(False),
    ord("K"): lambda machine: machine.stack.append(machine.take(1)[0]),
    ord("M"): _number("<H"),
    ord("J"): _number("<i"),
    ord("G"): _number(">d"),
    ord("\x8a"): lambda machine: machine.integer(machine.number("B")),
    ord("\x8b"): lambda machine: machine.integer(machine.number("<i")),
    ord("\x8c"): _text("B"),
    ord("X"): _text("<I"),
    ord("\x8d"): _text("<Q"),
    ord("C"): _bytes("B"),
    ord("B"): _bytes("<I"),
    ord("\x8e"): _bytes("<Q"),
    ord("\x96"): _bytes("<Q"),  # BYTEARRAY8
    # Python 2 strings; read as text, as the frameworks' encoding="latin1" does for names
    ord("U"): _text("B"),
    ord("T"): _text("<I"),
    ord(")"): _push(()),
    ord("\x85"): lambda machine: machine.tuple_of(1),
    ord("\x86"): lambda machine: machine.tuple_of(2),
    ord("\x87"): lambda machine: machine.tuple_of(3),
    ord("t"): lambda machine: machine.stack.append(tuple(machine.pop_to_mark())),
    ord("]"): lambda machine: machine.stack.append([]),
    ord("a"): Machine.append,
    ord("e"): lambda machine: machine.extend(list),
    ord("}"): lambda machine: machine.stack.append({}),
    ord("s"): Machine.set_item,
    ord("u"): lambda machine: machine.set_items(machine.pop_to_mark()),
    ord("\x8f"): lambda machine: machine.push_set(set()),
    ord("\x90"): lambda machine: machine.extend(set),
    ord("\x91"): lambda machine: machine.push_set(frozenset(map(machine.key, machine.pop_to_mark()))),
    ord("q"): lambda machine: machine.remember(machine.take(1)[0]),
    ord("r"): lambda machine: machine.remember(machine.number("<I")),
    ord("\x94"): lambda machine: machine.remember(len(machine.memo)),
    ord("h"): lambda machine: machine.recall(machine.take(1)[0]),
    ord("j"): lambda machine: machine.recall(machine.number("<I")),
    ord("c"): lambda machine: machine.push_global(machine.line(), machine.line()),
    ord("\x93"): Machine.stack_global,
    ord("R"): lambda machine: machine.reduce(new=False),
    ord("\x81"): lambda machine: machine.reduce(new=True),
    ord("\x92"): Machine.new_with_keywords,
    ord("b"): Machine.build,
    ord("Q"): Machine.persistent_id,
}
OPERATION = [TABLE.get(code) for code in range(256)]
