"""Pickles and binary tensors that were made to do harm, and what to make more of them with."""

from __future__ import annotations

import struct

HEAD = b"\x80\x04"
TRACE = "HARM_WAS_DONE"


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def named(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def array(shape: bytes, data: bytes, code: str = "f4", order: str = "<") -> bytes:
    """A NumPy array whose shape is the given opcodes."""
    start = named("numpy.core.multiarray", "_reconstruct") + b"(" + named("numpy", "ndarray") + b"K\x00\x85C\x01btR"
    dtype = named("numpy", "dtype") + b"(" + text(code) + b"\x89\x88tR(K\x03" + text(order) + b"NNNJ\xff\xff\xff\xff"
    dtype += b"J\xff\xff\xff\xffK\x00tb"
    return start + b"(K\x01" + shape + dtype + b"\x89" + data + b"tb"


def call(module: str, name: str, arguments: bytes) -> bytes:
    return HEAD + named(module, name) + b"(" + arguments + b"tR."


def lengths(code: bytes, layout: str, claim: int) -> bytes:
    return HEAD + code + struct.pack(layout, claim) + b"x."


def big_int(value: int) -> bytes:
    return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)


HUGE = b"(" + big_int(10**6) + big_int(10**6) + b"t"
FOUR = b"C\x04\0\0\0\0"
SHARED = b"]q\x00(K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01e0" + b"".join(
    b"]q" + bytes([index]) + b"(" + (b"h" + bytes([index - 1])) * 10 + b"e0" for index in range(1, 30)
)

PICKLES: dict[str, bytes] = {
    "os.system": call("os", "system", text(f"touch {TRACE}")),
    "posix.system": call("posix", "system", text(f"touch {TRACE}")),
    "subprocess.Popen": call("subprocess", "Popen", text(f"touch {TRACE}")),
    "builtins.exec": call("builtins", "exec", text(f"open('{TRACE}', 'w')")),
    "builtins.eval": call("builtins", "eval", text(f"open('{TRACE}', 'w')")),
    "__builtin__.eval of Python 2": call("__builtin__", "eval", text(f"open('{TRACE}', 'w')")),
    "eval with Paddle's first argument": call("builtins", "eval", text("data") + b"}" + text("data") + b"K\x01s"),
    "eval with Paddle's arguments and more": HEAD
    + named("builtins", "eval")
    + b"("
    + text("data")
    + b"}"
    + text("data")
    + array(b"(K\x01t", FOUR)
    + b"s"
    + text("__builtins__")
    + b"K\x01stR.",
    "builtins.getattr": call("builtins", "getattr", b"K\x01" + text("real")),
    "builtins.__import__": call("builtins", "__import__", text("os")),
    "importlib.import_module": call("importlib", "import_module", text("antigravity")),
    "a module that is not there": HEAD + named("no_such_module_anywhere", "thing") + b".",
    "an attribute below an allowed module": HEAD + b"\x8c\x05numpy\x8c\x0fcore.os.systems\x93.",
    "numpy.load": call("numpy", "load", text("/etc/passwd")),
    "numpy.core.multiarray.fromfile": call("numpy.core.multiarray", "fromfile", text("/etc/passwd")),
    "torch.load": call("torch", "load", text("/etc/passwd")),
    "torch.hub.load": call("torch.hub", "load", text("somebody/something")),
    "functools.partial": call("functools", "partial", b"K\x01"),
    "collections.OrderedDict of a million items": call("collections", "OrderedDict", b"](K\x01K\x02ee"),
    "_codecs.encode to rot13": call("_codecs", "encode", text("abc") + text("rot13")),
    "_codecs.encode of zip": call("_codecs", "encode", text("abc") + text("zip")),
    "bytes of a size": call("builtins", "bytes", big_int(10**12)),
    "a tuple of a number": call("builtins", "tuple", big_int(10**12)),
    "persistent identifier": HEAD + text("x") + b"Q.",
    "extension registry": HEAD + b"\x82\x01.",
    "INST of protocol 0": HEAD + b"(ios\nsystem\n.",
    "OBJ of protocol 1": HEAD + b"(" + named("os", "system") + text("x") + b"o.",
    "NEWOBJ of an allowed function": HEAD + named("_codecs", "encode") + text("x") + b"\x85\x81.",
    "NEWOBJ_EX with keywords": HEAD + named("numpy", "dtype") + b")}" + text("a") + b"K\x01s\x92.",
    "an out-of-band buffer": HEAD + b"\x97.",
    "BUILD on a global": HEAD + named("collections", "OrderedDict") + b"}b.",
    "BUILD on a number": HEAD + b"K\x01}b.",
    "REDUCE of a number": HEAD + b"K\x01)R.",
    "REDUCE with a list": HEAD + named("collections", "OrderedDict") + b"]R.",
    "SETITEM on a global": HEAD + named("numpy", "ndarray") + text("a") + b"K\x01s.",
    "BINBYTES8 claims an exabyte": lengths(b"\x8e", "<Q", 1 << 60),
    "BINBYTES8 claims 2**64 - 1": lengths(b"\x8e", "<Q", (1 << 64) - 1),
    "BINBYTES claims 4 GB": lengths(b"B", "<I", (1 << 32) - 1),
    "BINUNICODE8 claims an exabyte": lengths(b"\x8d", "<Q", 1 << 60),
    "BYTEARRAY8 claims an exabyte": lengths(b"\x96", "<Q", 1 << 60),
    "FRAME claims an exabyte": lengths(b"\x95", "<Q", 1 << 60),
    "LONG4 claims 2 GB": lengths(b"\x8b", "<i", (1 << 31) - 1),
    "LONG4 of a negative length": lengths(b"\x8b", "<i", -1),
    "LONG4 of a megabyte": HEAD + b"\x8b" + struct.pack("<i", 1 << 20) + b"\x7f" * (1 << 20) + b".",
    "memo of an index never stored": HEAD + b"j\xff\xff\xff\xff.",
    "no value": HEAD + b".",
    "two values": HEAD + b"K\x01K\x02.",
    "a mark as a value": HEAD + b"(.",
    "items without a mark": HEAD + b"}K\x01u.",
    "a key without a value": HEAD + b"}(K\x01u.",
    "an unhashable key": HEAD + b"}]K\x01s.",
    "a tuple as a key": HEAD + b"})K\x01s.",
    "a key of a thousand bits": HEAD + b"}\x8a\x7f" + b"\x7f" * 127 + b"K\x01s.",
    "ends in an opcode": HEAD + b"}(" + text("weight") + b"B\x00",
    "protocol 0": b"\x80\x00N.",
    "protocol 200": b"\x80\xc8N.",
    "text that is not UTF-8": HEAD + b"X\x02\0\0\0\xff\xfe.",
    "a line without an end": HEAD + b"c" + b"a" * 5000,
    "a list that holds itself": HEAD + b"]q\x00h\x00a.",
    "a dictionary that holds itself": HEAD + b"}q\x00" + text("a") + b"h\x00s.",
    "a hundred thousand lists, nested": HEAD + b"]" * 100_000 + b"a" * 99_999 + b".",
    "tuples nested a hundred thousand deep": HEAD + b")" + b"\x85" * 100_000 + b".",
    "ten to the thirtieth values by sharing": HEAD + SHARED + b"h\x1d.",
    "a wide list that holds itself": HEAD + b"]q\x00(" + b"h\x00" * 200_000 + b"e.",
    "three million values": HEAD + b"](" + b"N" * 3_000_000 + b"e.",
    "three million marks": HEAD + b"(" * 3_000_000 + b".",
    "an array of 10**12 elements": HEAD + array(HUGE, FOUR) + b".",
    "an array of a negative size": HEAD + array(b"(J\xff\xff\xff\xfft", FOUR) + b".",
    "an array with a hundred axes": HEAD + array(b"(" + b"K\x01" * 100 + b"t", FOUR) + b".",
    "an array whose sizes overflow 64 bits": HEAD
    + array(b"(" + (b"\x8a\x08" + (1 << 62).to_bytes(8, "little")) * 4 + b"t", FOUR)
    + b".",
    "an array with too few bytes": HEAD + array(b"(K\x02t", FOUR) + b".",
    "an array of objects": HEAD + array(b"(K\x01t", FOUR, "O8", "|") + b".",
    "an array of a structure": HEAD + array(b"(K\x01t", FOUR, "f4,f4", "|") + b".",
    "an array whose shape is text": HEAD + array(text("shape"), FOUR) + b".",
    "_frombuffer of 10**12 elements": HEAD
    + named("numpy.core.numeric", "_frombuffer")
    + b"("
    + FOUR
    + named("numpy", "dtype")
    + b"("
    + text("f4")
    + b"tR"
    + HUGE
    + text("C")
    + b"tR.",
    "slices that are not there": HEAD
    + b"}"
    + text("UnpackBigParamInfor@@")
    + b"}"
    + text("w")
    + b"}("
    + text("OriginShape")
    + b"K\x01\x85"
    + text("slices")
    + b"](Nesuss.",
    "two tensors of one name": HEAD
    + b"}("
    + text("a.b")
    + array(b"(K\x01t", FOUR)
    + text("a")
    + b"}"
    + text("b")
    + array(b"(K\x01t", FOUR)
    + b"su.",
    "empty": b"",
    "one byte": b"\x80",
    "zeros": bytes(4096),
    "a program": b"\x7fELF" + bytes(100),
    "Paddle tensor of 10**12 elements": struct.pack("<IQIi", 0, 0, 0, 8) + b"\x08\x05\x10" + b"\x80\xa0\x94\xa5\x1d",
    "Paddle tensor with 2**60 levels": struct.pack("<IQ", 0, 1 << 60) + bytes(64),
    "Paddle tensor whose level claims an exabyte": struct.pack("<IQQ", 0, 1, 1 << 60) + bytes(64),
    "Paddle tensor with a description of 2 GB": struct.pack("<IQIi", 0, 0, 0, (1 << 31) - 1) + bytes(64),
    "Paddle tensor with a description of -1 bytes": struct.pack("<IQIi", 0, 0, 0, -1) + bytes(64),
    "Paddle tensor whose number has no end": struct.pack("<IQIi", 0, 0, 0, 20) + b"\x08" + b"\xff" * 19,
    "Paddle tensor with a negative size": struct.pack("<IQIi", 0, 0, 0, 13) + b"\x08\x05\x10" + b"\xff" * 9 + b"\x01",
    "Paddle tensor of no known type": struct.pack("<IQIi", 0, 0, 0, 4) + b"\x08\x63\x10\x00",
}
