"""Whatever a framework does in the other process, the answer says so and the next case runs."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.compat.agreement.arranged import arranged
from tests.processes import is_gone

from fourfold.compat.agreement.worker import Refusal, Worker, WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes end by signals here")

# A framework under the name oneflow that misbehaves as the case says. It prints from Python and past Python.
STUB = """
import contextlib, os, signal, subprocess, sys, time
import numpy as np
print("chatter at import"); os.write(1, b"more chatter"); sys.stdout.flush()
__version__ = "0-stub"
float32 = "float32"

class Tensor:
    def __init__(self, array): self.value, self.dtype, self.grad = array, "stub.float32", None
    def requires_grad_(self, flag): return self
    def detach(self): return self
    def numpy(self): return self.value

def tensor(array, dtype=None): return Tensor(array)

@contextlib.contextmanager
def set_grad_enabled(flag): yield

class Unhappy(LookupError): pass

def misbehave(how):
    print("about to " + str(how)); os.write(1, b"\\x07\\x00\\x00\\x00garbage"); sys.stdout.flush()
    if how == "hang": time.sleep(100)
    if how == "exit": os._exit(3)
    if how == "read": return [sys.stdin.read()]
    if how == "raise": raise Unhappy("\\x1b[31mred\\x1b[0m") from ValueError("because")
    if how == "spawn":
        child = subprocess.Popen(["sleep", "100"])
        print("child", child.pid, flush=True)
        time.sleep(100)
    if isinstance(how, int): os.kill(os.getpid(), how); time.sleep(100)

class autograd:
    @staticmethod
    def backward(outputs, cotangents): misbehave(outputs[0].later)

class functional:
    @staticmethod
    def conv_transpose3d(x, weight, bias, now=None, later=None, **options):
        misbehave(now)
        y = Tensor(x.value + 1)
        y.later = later
        return y

class nn: functional = functional
"""

CASE: dict[str, Any] = {"in_channels": 1, "out_channels": 1, "kernel_size": 1, "form": "functional"}
ONES = {name: np.ones((1, 1, 1, 1, 2), np.float32) for name in ("input", "weight", "grad_output")}


class Stubbed:
    """Starts this Python with the stub on its path."""

    def __init__(self, folder: Path, body: str = STUB) -> None:
        (folder / "oneflow.py").write_text(body)
        self.folder = folder

    def command(self, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
        return [sys.executable, *arguments], {**os.environ, "PYTHONPATH": str(self.folder)}


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with Worker("oneflow", Stubbed(tmp_path_factory.mktemp("stub")), timeout=20) as worker:
        yield worker


def misbehaving(**keywords: Any) -> dict[str, Any]:
    return {**CASE, "keywords": keywords}


def test_chatter_on_stdout_does_not_break_the_frames(stub: Worker) -> None:
    answer = stub.run(misbehaving(now="print"), ONES)
    assert answer.status == "ok"
    np.testing.assert_array_equal(answer.arrays["output"], ONES["input"] + 1)


def test_versions_come_from_the_framework(stub: Worker) -> None:
    assert (stub.versions["framework"], stub.versions["version"]) == ("oneflow", "0-stub")


def test_the_framework_cannot_read_our_frames(stub: Worker) -> None:
    assert stub.run(misbehaving(now="read"), ONES).status == "ok"


@pytest.mark.parametrize("name", ["SIGFPE", "SIGABRT", "SIGSEGV", "SIGKILL"])
def test_a_crash_is_the_answer_of_its_case_and_the_next_one_runs(stub: Worker, name: str) -> None:
    answer = stub.run(misbehaving(now=int(signal.Signals[name])), ONES)
    assert str(answer) == f"crashed: {name} (forward)"
    assert "about to" in answer.chatter
    assert stub.run(CASE, ONES).status == "ok"


def test_a_crash_in_backward_keeps_the_output(stub: Worker) -> None:
    answer = stub.run(misbehaving(later=int(signal.SIGABRT)), ONES)
    assert (answer.status, answer.stage, answer.death) == ("crashed", "backward", "SIGABRT")
    assert set(answer.arrays) == {"output"}


def test_a_process_that_exits_is_a_crash_with_its_code(stub: Worker) -> None:
    assert str(stub.run(misbehaving(now="exit"), ONES)) == "crashed: exit code 3 (forward)"


def test_an_exception_is_a_refusal_with_ancestors_and_cause(stub: Worker) -> None:
    answer = stub.run(misbehaving(now="raise"), ONES)
    ancestors = ("Unhappy", "LookupError", "Exception", "BaseException")
    cause = Refusal("ValueError", ("ValueError", "Exception", "BaseException"), "because")
    assert (answer.status, answer.stage) == ("refused", "forward")
    assert answer.refusal == Refusal("Unhappy", ancestors, "red", cause)


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Worker]:
    with Worker("oneflow", Stubbed(tmp_path), timeout=0.5) as worker:
        assert worker.versions  # started, so that the half second is for the case alone
        yield worker


def test_a_case_that_hangs_is_ended_and_the_next_one_runs(impatient: Worker) -> None:
    answer = impatient.run(misbehaving(now="hang"), ONES)
    assert (answer.status, answer.stage) == ("timeout", "forward")
    impatient.timeout = 20
    assert impatient.run(CASE, ONES).status == "ok"


def test_what_the_framework_started_ends_with_it(impatient: Worker) -> None:
    answer = impatient.run(misbehaving(now="spawn"), ONES)
    assert answer.status == "timeout"
    assert is_gone(int(answer.chatter.partition("child ")[2].split()[0]))


def test_nothing_is_left_running_after_an_exception(tmp_path: Path) -> None:
    pids = []

    def fail() -> None:
        with Worker("oneflow", Stubbed(tmp_path)) as worker:
            pids.append(process_id(worker))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert is_gone(pids[0])


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let SIGINT raise here, also where the test run was started with it ignored (a job in the background)."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_the_process(tmp_path: Path) -> None:
    worker = Worker("oneflow", Stubbed(tmp_path))
    pid = process_id(worker)
    main = threading.main_thread().ident
    assert main is not None
    threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        worker.run(misbehaving(now="hang"), ONES)
    assert is_gone(pid)


def test_a_worker_that_is_dropped_is_ended(tmp_path: Path) -> None:
    worker = Worker("oneflow", Stubbed(tmp_path))
    pid = process_id(worker)
    del worker
    assert is_gone(pid)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param("import nowhere", "oneflow cannot be imported: ModuleNotFoundError", id="import-error"),
        pytest.param("import os; os.abort()", r"oneflow died at its start \(SIGABRT\)", id="abort"),
        pytest.param("print('wise words'); 1 / 0", "ZeroDivisionError(.|\n)*wise words", id="chatter"),
    ],
)
def test_a_framework_that_does_not_start_is_an_error(tmp_path: Path, body: str, message: str) -> None:
    with Worker("oneflow", Stubbed(tmp_path, body)) as worker, pytest.raises(WorkerError, match=message):
        worker.run(CASE, ONES)


def test_a_framework_that_hangs_at_its_start_is_an_error(tmp_path: Path) -> None:
    launcher = Stubbed(tmp_path, "import time; time.sleep(100)")
    with Worker("oneflow", launcher, start_timeout=0.5) as worker, pytest.raises(WorkerError, match=r"within 0\.5 sec"):
        worker.run(CASE, ONES)


def test_a_python_that_is_not_there_is_an_error() -> None:
    class Nowhere:
        def command(self, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
            return ["/nowhere/python", *arguments], {}

    with Worker("torch", Nowhere()) as worker, pytest.raises(WorkerError, match=r"cannot start /nowhere/python"):
        worker.run(CASE, ONES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"framework": "tensorflow"}, "'tensorflow' is not known; choose from torch, paddle"),
        ({"framework": "torch", "timeout": 0}, "timeout=0 seconds; it must be above 0"),
        ({"framework": "torch", "start_timeout": -1}, "start_timeout=-1 seconds"),
    ],
    ids=["framework", "timeout", "start-timeout"],
)
def test_illegal_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Worker(**arguments)


# --- with torch: the answers are those of torch's own operator -------------------------------------------------------


@pytest.fixture(scope="module")
def pytorch() -> Iterator[Worker]:
    with Worker("torch") as worker:
        yield worker


OPERATORS = [
    pytest.param({}, id="defaults"),
    pytest.param({"stride": 2}, id="stride"),
    pytest.param({"stride": [1, 2, 3], "padding": [1, 0, 1]}, id="triples"),
    pytest.param({"padding": [[1, 1], [0, 0], [1, 1]]}, id="equal-pairs"),
    pytest.param({"stride": 2, "output_padding": 1, "dilation": [1, 2, 1]}, id="output-padding"),
    pytest.param({"groups": 2}, id="groups"),
    pytest.param({"bias": False}, id="no-bias"),
    pytest.param({"dtype": "float64"}, id="float64"),
    pytest.param({"dtype": "bfloat16"}, id="bfloat16"),
]


@pytest.mark.parametrize("form", ["layer", "functional"])
@pytest.mark.parametrize("options", OPERATORS)
def test_output_and_gradients_are_those_of_the_framework(pytorch: Worker, options: dict[str, Any], form: str) -> None:
    case = {"in_channels": 4, "out_channels": 6, "kernel_size": [3, 2, 3], "form": form, **options}
    arrays, expected = arranged(case)
    answer = pytorch.run(case, arrays)
    assert (answer.status, answer.dtype) == ("ok", case.get("dtype", "float32"))
    assert set(answer.arrays) == set(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(answer.arrays[name], value, err_msg=name)


def test_output_size_is_passed_to_forward(pytorch: Worker) -> None:
    case = {"in_channels": 1, "out_channels": 1, "kernel_size": 3, "stride": 2, "output_size": [6, 5, 6]}
    assert pytorch.run(case, {"input": np.zeros((1, 1, 2, 2, 2))}).arrays["output"].shape == (1, 1, 6, 5, 6)


def test_without_a_gradient_of_the_output_there_are_no_gradients(pytorch: Worker) -> None:
    arrays, _ = arranged({"in_channels": 4, "out_channels": 6, "kernel_size": [3, 2, 3]})
    del arrays["grad_output"]
    answer = pytorch.run({"in_channels": 4, "out_channels": 6, "kernel_size": [3, 2, 3]}, arrays)
    assert set(answer.arrays) == {"output"}


@pytest.mark.parametrize(
    ("change", "stage", "kind"),
    [
        pytest.param({"groups": 3}, "layer", "ValueError", id="groups"),
        pytest.param({"kernel_size": [2, 2, 2]}, "load", "RuntimeError", id="weight-of-another-shape"),
        pytest.param({"stride": 0}, "forward", "RuntimeError", id="stride"),
        pytest.param({"keywords": {"nonsense": 1}}, "layer", "TypeError", id="keyword"),
        pytest.param({"padding": "SAME"}, "forward", "TypeError", id="padding"),
        pytest.param({"data_format": "NDHWC"}, "layer", "TypeError", id="data-format"),
    ],
)
def test_what_torch_refuses_says_where(pytorch: Worker, change: dict[str, Any], stage: str, kind: str) -> None:
    case = {"in_channels": 4, "out_channels": 6, "kernel_size": [3, 2, 3]}
    arrays, _ = arranged(case)
    answer = pytorch.run({**case, **change}, arrays)
    assert (answer.status, answer.stage) == ("refused", stage)
    assert answer.refusal is not None
    assert answer.refusal.kind == kind


def test_initial_parameters_follow_the_seed(pytorch: Worker) -> None:
    case = {"in_channels": 4, "out_channels": 6, "kernel_size": 3, "groups": 2, "parameter_seed": 5}
    answer = pytorch.initialize(case)
    torch.manual_seed(5)
    layer = torch.nn.ConvTranspose3d(4, 6, 3, groups=2)
    np.testing.assert_array_equal(answer.arrays["weight"], layer.weight.detach().numpy())
    np.testing.assert_array_equal(answer.arrays["bias"], layer.bias.detach().numpy())  # type: ignore[union-attr]


def process_id(worker: Worker) -> int:
    """Start a worker and return the id of its process."""
    pid: int = worker._started()._process.pid
    return pid
