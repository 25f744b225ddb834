"""What mpg123 prints about an MP3 is named once with the file, and nothing else of stderr is touched."""

from __future__ import annotations

import os
import sys
import threading

import numpy as np
import pytest
import soundfile

from narrows.audio.files import open_audio, read_audio
from narrows.audio.formats import messages
from narrows.data.folders.inspect import inspect_file

RATE = 44100


@pytest.fixture
def good(tmp_path):
    soundfile.write(tmp_path / "good.mp3", 0.1 * np.random.default_rng(0).standard_normal(4 * RATE), RATE)
    return tmp_path / "good.mp3"


@pytest.fixture
def damaged(good, tmp_path):
    """Some frames are overwritten, while the header's count still agrees with the size of the file."""
    content = bytearray(good.read_bytes())
    for place in range(20000, 30000, 1500):
        content[place : place + 40] = bytes(40)
    (tmp_path / "damaged.mp3").write_bytes(content)
    return tmp_path / "damaged.mp3"


def test_the_file_is_named_once(damaged, caplog, capfd):
    for _ in range(3):
        read_audio(damaged)
    assert capfd.readouterr().err == ""
    named = [record.getMessage() for record in caplog.records]
    assert len(named) == 1
    assert "damaged.mp3" in named[0]


def test_a_good_file_is_not_named_wherever_it_is_read(good, caplog, capfd):
    with open_audio(good) as decoder:
        for start in (0, 50000, 20000, 70001, 3):
            decoder.read(start, 4000)
        assert decoder.remark is None
    assert capfd.readouterr().err == ""
    assert not caplog.records


def test_inspection_counts_it(damaged, good):
    assert inspect_file(damaged, "damaged.mp3").remarks
    assert not inspect_file(good, "good.mp3").remarks


def test_other_messages_are_passed_on(capfd):
    print_from_c = messages.ctypes.CDLL(None).fputs
    print_from_c.argtypes = [messages.ctypes.c_char_p, messages.ctypes.c_void_p]
    with messages.heard() as said:
        stream = messages._listener.memory().variable
        print_from_c(b"Note: Illegal Audio-MPEG-Header\n", stream)
        print_from_c(b"the disk is on fire\n", stream)
        print("from Python", file=sys.stderr)
    assert said == ["Note: Illegal Audio-MPEG-Header"]
    assert sorted(capfd.readouterr().err.splitlines()) == ["from Python", "the disk is on fire"]
    print_from_c(b"after\n", stream)
    assert capfd.readouterr().err == "after\n"


def test_several_threads(damaged, good, caplog, capfd):
    threads = [threading.Thread(target=read_audio, args=(path,)) for path in [damaged, good] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert capfd.readouterr().err == ""
    assert all("damaged.mp3" in record.getMessage() for record in caplog.records)


def test_a_fork_in_the_middle_of_a_file(good):
    with messages.heard():
        child = os.fork()
        if child == 0:
            read_audio(good)
            os._exit(0 if messages._listener.memory().variable.value == messages._listener.memory().original else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
