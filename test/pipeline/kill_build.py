"""Kills `advx build` at several moments, with its children: no file is left behind.

Usage: kill_build.py FOLDER COMMAND...   COMMAND writes its results into FOLDER, its current folder
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


def killed_after(seconds, folder, command):
    """Whether the signal, and not its own end, ended the command."""
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, "TMPDIR": str(folder)},
                               start_new_session=True, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGTERM)
    status = process.wait()
    while has_members(process.pid):
        time.sleep(0.01)
    return status == -signal.SIGTERM


folder, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
folder.mkdir(parents=True)
kills, seconds = 0, 0.02
while kills < 8 and killed_after(seconds, folder, command):
    kills += 1
    left = sorted(path.name for path in folder.iterdir())
    assert not left, f"killed after {seconds:.2f} s, {left} are left"
    seconds *= 2
assert kills >= 3, f"only {kills} kills came before the end"
print(f"{kills} kills left nothing")
