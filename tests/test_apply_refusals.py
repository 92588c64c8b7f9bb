"""``python -m ogive apply``: what it refuses, in one line that names it, seen from outside."""

import os
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import assert_refused, call
from test_apply import source as source  # fixtures
from test_apply import target as target


def write_truncated(path):
    np.save(path, np.arange(100.0))
    path.write_bytes(path.read_bytes()[:-1])


def write_archive(path):
    with path.open("wb") as file:
        np.savez(file, np.arange(3.0))


def write_header(text, version=1, length=None):
    """What writes a file with a header of any text, and 800 bytes of data."""
    length = struct.pack("<H" if version == 1 else "<I", len(text) if length is None else length)
    content = b"\x93NUMPY" + bytes([version, 0]) + length + text.encode() + bytes(800)
    return lambda path: path.write_bytes(content)


def write_shape(shape):
    return write_header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}\n")


def write_descr(descr):
    return write_header(f"{{'descr': {descr}, 'fortran_order': False, 'shape': (9,)}}\n")


def write_version_3(array):
    """What writes a file of the format that NumPy has for names of fields beyond latin-1."""

    def write(path):
        with path.open("wb") as file:
            np.lib.format.write_array(file, array, version=(3, 0))

    return write


BAD_INPUTS = {
    "missing": (lambda path: None, "No such file"),
    "directory": (lambda path: path.mkdir(), "not a regular file"),
    "empty file": (lambda path: path.touch(), "not a .npy array"),
    "text": (lambda path: path.write_text("1 2 3\n"), "not a .npy array"),
    "half a header": (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00v\x00{'de"), "damaged"),
    "open bracket": (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00\x03\x00{[("), "damaged"),
    "negative shape": (write_shape("(-2, -2)"), "damaged header: shape (-2, -2)"),
    "huge shape": (write_shape((2**62, 4)), "damaged header: shape (4611686018427387904, 4)"),
    "empty huge shape": (write_shape((0, 2**70)), "damaged header"),
    "too many axes": (write_shape((1,) * 70), "damaged header"),
    "bool in the shape": (write_shape("(True, 9)"), "damaged header"),
    "long integer": (write_shape("9" * 5000), "damaged"),
    "huge header": (write_header("{", version=2, length=2**32 - 1), "damaged"),
    "long header": (write_header(" " * 10**6, version=2), "damaged"),
    "deep header": (write_descr("-" * 9000 + "1"), "damaged"),
    "wide header": (write_descr("1+" * 4000 + "1j"), "damaged"),
    "unhashable key": (write_header("{[]: 1}"), "damaged"),
    "mixed keys": (write_header("{1: 2, 'a': 3}"), "damaged"),
    "empty descr": (write_descr("()"), "damaged"),
    "subarrays": (write_descr("('<f8', (2,))"), "not real numbers"),
    "unknown version": (write_header("", version=9), "not a .npy array"),
    "version 3": (write_version_3(np.ones(3)), "not a .npy array"),
    "version 3 for a name": (write_version_3(np.ones(3, [("\u03c3", "f8")])), "not a .npy array"),
    "truncated": (write_truncated, "truncated: 799 bytes of data, 800 expected"),
    "archive": (write_archive, "not a .npy array"),
    "complex": (lambda path: np.save(path, np.ones(3, "c16")), "complex128"),
    "strings": (lambda path: np.save(path, np.array(["a", "b"])), "<U1"),
    "dates": (lambda path: np.save(path, np.ones(3, "m8[s]")), "timedelta64"),
    "structured": (lambda path: np.save(path, np.ones(3, "f4,f4")), "not real numbers"),
    "objects": (lambda path: np.save(path, np.array([print, 1])), "object"),
}


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_apply_refuses_bad_input_in_one_line(case, tmp_path, target):
    path = tmp_path / "bad.npy"
    write, mention = BAD_INPUTS[case]
    write(path)
    before = set(tmp_path.iterdir())
    assert_refused(call("apply", "sigmoid", path, target), path, mention)
    assert set(tmp_path.iterdir()) == before


class Trap:
    """Its pickle makes a file when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_apply_never_unpickles(tmp_path, target):
    sprung = tmp_path / "sprung"
    np.save(tmp_path / "bad.npy", np.array([Trap(sprung)]))
    np.load(tmp_path / "bad.npy", allow_pickle=True)
    assert sprung.exists()
    sprung.unlink()
    assert_refused(call("apply", "sigmoid", tmp_path / "bad.npy", target), "bad.npy", "object")
    assert not sprung.exists()


@pytest.mark.parametrize(
    ("name", "mention"),
    [
        ("missing/out.npy", "no such directory"),
        ("folder", "is a directory"),
        (f"{'long' * 99}.npy", "File name too long"),
        ("in.npy/out.npy", "no such directory"),
    ],
)
def test_apply_refuses_bad_output_in_one_line(name, mention, source, tmp_path):
    (tmp_path / "folder").mkdir()
    result = call("apply", "sigmoid", source, tmp_path / name, "--force")
    assert_refused(result, tmp_path / name, mention)
    assert not any((tmp_path / "folder").iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices are files on POSIX only")
def test_apply_refuses_pipes_and_devices_in_one_line(source, target, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    ends = os.open(pipe, os.O_RDWR)  # so that none would wait for the other
    os.write(ends, source.read_bytes())
    before = set(tmp_path.iterdir())
    for given, other in [(pipe, target), ("/dev/zero", target), (source, pipe)]:
        result = call("apply", "sigmoid", given, other, "--force")
        assert_refused(result, "not a regular file")
    assert os.read(ends, 10**5) == source.read_bytes()
    os.close(ends)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.skipif(sys.platform == "win32", reason="devices are files on POSIX only")
def test_apply_does_not_replace_a_device(source):
    assert_refused(call("apply", "sigmoid", source, "/dev/null", "--force"), "not a regular file")


@pytest.mark.parametrize("link", [None, "symlink_to", "hardlink_to"])
def test_apply_refuses_to_replace_its_input(link, source, target):
    before = source.read_bytes()
    if link:
        getattr(target, link)(source)
    for given, other in [(source, target), (target, source)] if link else [(source, source)]:
        assert_refused(call("apply", "sigmoid", given, other, "--force"), other, "is the input")
    assert source.read_bytes() == before
