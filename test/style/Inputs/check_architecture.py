"""Holds the tree to the table of rooms of docs/architecture.md.

A room is a folder, with `/…` also what is below it; a file belongs to the longest room that has it.
Each tracked file must have a room, each room a file, and each include of the project or of a library
that the table names must be allowed by the line of its room. What rooms may include has no circle.
"""

import os
import re
import subprocess
import sys

PAGE = "docs/architecture.md"
SOURCES = (".h", ".cpp", ".def", ".td")
INCLUDE = re.compile(r'^\s*#?\s*include\s+[<"]([^">]+)[">]', re.MULTILINE)
# What an include of a library starts with.
LIBRARIES = {"mlir/": "MLIR", "llvm/": "LLVM", "antlr4": "ANTLR", "AdvxLexer": "ANTLR",
             "AdvxParser": "ANTLR", "CLI/": "CLI11", "nlohmann/": "JSON", "zlib.h": "zlib", "archive": "libarchive",
             "dnnl": "oneDNN", "ATen/": "LibTorch", "c10/": "LibTorch", "torch/": "LibTorch"}
IMPLIED = {"MLIR": {"MLIR", "LLVM"}}  # MLIR's headers are written with LLVM's
SYSTEM = re.compile(r"[a-z_0-9]+|sys/[a-z]+\.h|"
                    r"(dlfcn|fcntl|pthread|sched|spawn|stddef|stdint|unistd)\.h")
ANYTHING = "anything"


def rooms_of(page):
    """The table: room -> what it may include. A room with `/…` keeps it in its name."""
    rooms = {}
    for line in page.split("## The rooms")[1].split("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = re.findall(r"`([^`]+)`", cells[0])
        if len(cells) != 3 or not line.startswith("|") or not names:
            continue
        allowed = {word.strip(" `") for word in cells[2].split(",") if word.strip()}
        for name in names:
            rooms[name] = allowed
    return rooms


def room_of(folder, rooms):
    """The room of a folder; None if no line has it."""
    if folder in rooms:
        return folder
    while folder:
        if folder + "/…" in rooms:
            return folder + "/…"
        folder = os.path.dirname(folder)
    return None


def library_of(include):
    """The library that an include is of; None if of none, "" if of one that nobody knows."""
    for prefix, library in LIBRARIES.items():
        if include.startswith(prefix):
            return library
    return None if SYSTEM.fullmatch(include) else ""


def problems_of_file(name, text, room, rooms, top, needed):
    """What one file includes against its room's line; `needed` receives the words of the line."""
    allowed = rooms[room]
    if ANYTHING in allowed:
        return
    allowed = allowed.union(*(IMPLIED.get(word, ()) for word in allowed))
    for include in INCLUDE.findall(text):
        if include.split("/")[0] in top and "/" in include:
            # Generated headers lie beside what they are made from.
            target = room_of(os.path.dirname(include), rooms)
            if target is None:
                yield f"{name}: includes {include}, which has no room"
            elif target != room and target not in allowed:
                yield f"{name}: includes {include}; {room} may not include {target}"
            needed.add(target)
            continue
        library = library_of(include)
        needed.update(word for word in rooms[room]
                      if word == library or library in IMPLIED.get(word, ()))
        if library == "":
            yield f"{name}: includes {include}, of a library that no line of {PAGE} can name"
        elif library and library not in allowed:
            yield f"{name}: includes {include}; {room} may not include {library}"


def circle(rooms):
    """A circle of rooms that may include each other, as a list; empty if there is none."""
    done = set()

    def visit(room, path):
        if room in path:
            return path[path.index(room):] + [room]
        if room in done:
            return []
        done.add(room)
        for other in sorted(rooms[room] & rooms.keys()):
            found = visit(other, path + [room])
            if found:
                return found
        return []

    for room in sorted(rooms):
        found = visit(room, [])
        if found:
            return found
    return []


def problems(page, files):
    """What is wrong; `files` maps each tracked name to its text (that of sources is read)."""
    rooms = rooms_of(page)
    top = {name.split("/")[0] for name in files if "/" in name}
    used, needed = set(), {room: set() for room in rooms}
    for name in sorted(files):
        folder = os.path.dirname(name)
        if not folder:
            continue
        room = room_of(folder, rooms)
        if room is None:
            yield f"{folder}: no line of {PAGE} has this folder ({name})"
            continue
        used.add(room)
        if name.endswith(SOURCES):
            yield from problems_of_file(name, files[name], room, rooms, top, needed[room])
    for room in sorted(rooms.keys() - used):
        yield f"{PAGE}: the room {room} has no file"
    known = rooms.keys() | set(LIBRARIES.values()) | {ANYTHING}
    for room, allowed in rooms.items():
        for word in sorted(allowed - known):
            yield f"{PAGE}: {room} may include {word}, which is neither a room nor a library"
        for word in sorted((allowed & known) - needed[room] - {ANYTHING}):
            yield f"{PAGE}: {room} may include {word}, and does not"
    if found := circle(rooms):
        yield f"{PAGE}: rooms may include each other: " + ", ".join(found)


def main(root):
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=root,
                            check=True, capture_output=True).stdout.decode().split("\0")
    files = {}
    for name in filter(None, listed):
        path = os.path.join(root, name)
        if not os.path.isfile(path):
            continue
        files[name] = ""
        if name.endswith(SOURCES):
            with open(path, encoding="utf-8") as file:
                files[name] = file.read()
    with open(os.path.join(root, PAGE), encoding="utf-8") as file:
        found = list(problems(file.read(), files))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
