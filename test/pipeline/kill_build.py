"""Ends `advx build` with a signal, early and late and while its children run: no file is left.

Usage: kill_build.py FOLDER PATTERNS COMMAND...
COMMAND writes its results into FOLDER, its current folder. PATTERNS, with commas between them, are
of files that appear there on the way: a signal follows each of them at once.
"""

import os
import pathlib
import signal
import subprocess
import sys
import time


def has_members(group):
    try:
        os.killpg(group, 0)
        return True
    except ProcessLookupError:
        return False


def is_ended(folder, command, arrived, send, moment):
    """Whether the signal, and not its own end, ended the command."""
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, "TMPDIR": str(folder)},
                               start_new_session=True, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    while not arrived() and process.poll() is None:
        time.sleep(0.001)
    if process.poll() is None:
        send(process.pid, signal.SIGTERM)
    status = process.wait()
    while has_members(process.pid):
        time.sleep(0.01)
    if status != -signal.SIGTERM:
        return False
    left = sorted(path.name for path in folder.iterdir())
    assert not left, f"ended {moment}, {left} are left"
    return True


def after(seconds):
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


folder, patterns, command = pathlib.Path(sys.argv[1]), sys.argv[2].split(","), sys.argv[3:]
folder.mkdir(parents=True)
count = 0

# A terminal sends the signal to the whole group, `kill` to one process.
for pattern in patterns:
    for send in (os.killpg, os.kill):
        assert is_ended(folder, command, lambda: any(folder.glob(pattern)), send,
                        f"by {send.__name__} when {pattern} was there"), f"no {pattern} came"
        count += 1

seconds = 0.02
while seconds < 3 and is_ended(folder, command, after(seconds), os.killpg, f"after {seconds:.2f} s"):
    count += 1
    seconds *= 2
assert seconds >= 0.16, "the command was too fast for moments to matter"
print(f"{count} ends left nothing")
