"""The checker of docs/architecture.md finds what it is there for, on a made-up tree."""

import sys
import unittest

from check_architecture import problems

PAGE = """
## The rooms

| Room | What it is | May include |
|---|---|---|
| `kitchen` | cooks | `cellar`, JSON |
| `cellar` | stores | |
| `garden/…` | grows | `cellar`, MLIR |
| `shed`, `attic` | tools | anything |

## More

| `roof` | is no room | |
"""
FILES = {
    "README.md": "",
    "kitchen/Stove.cpp": '#include "kitchen/Stove.h"\n#include "cellar/Wine.h"\n'
                         "#include <nlohmann/json.hpp>\n#include <vector>\n#include <sys/stat.h>\n",
    "cellar/Wine.h": "",
    "garden/Bed.td": 'include "garden/roses/Rose.td"\ninclude "mlir/IR/OpBase.td"\n',
    "garden/roses/Rose.td": "",
    "garden/roses/Rose.cpp": '#include "llvm/ADT/StringRef.h"\n#include "cellar/Wine.h"\n',
    "shed/Rake.cpp": '#include "kitchen/Stove.h"\n#include <whatever/it.h>\n',
    "attic/Box.txt": "",
}


class Checker(unittest.TestCase):
    def check(self, wanted, page=PAGE, files=None):
        self.assertEqual(list(problems(page, {**FILES, **(files or {})})), wanted)

    def test_a_good_tree(self):
        self.check([])

    def test_a_folder_without_a_room(self):
        self.check(["pool: no line of docs/architecture.md has this folder (pool/Water.h)"],
                   files={"pool/Water.h": ""})
        self.check(["kitchen/oven: no line of docs/architecture.md has this folder "
                    "(kitchen/oven/Heat.h)"], files={"kitchen/oven/Heat.h": ""})

    def test_a_room_without_a_folder(self):
        page = PAGE.replace("| `cellar` |", "| `hall` | empty | |\n| `cellar` |")
        self.check(["docs/architecture.md: the room hall has no file"], page)

    def test_an_include_through_a_wall(self):
        for text, what in (('#include "kitchen/Stove.h"\n', "kitchen/Stove.h; cellar may not "
                            "include kitchen"),
                           ('  #  include "garden/roses/Rose.h"\n', "garden/roses/Rose.h; cellar "
                            "may not include garden/…"),
                           ("#include <nlohmann/json.hpp>\n", "nlohmann/json.hpp; cellar may not "
                            "include JSON"),
                           ('#include "llvm/ADT/StringRef.h"\n', "llvm/ADT/StringRef.h; cellar may "
                            "not include LLVM"),
                           ("#include <cblas.h>\n", "cblas.h, of a library that no line of "
                            "docs/architecture.md can name"),
                           ("#include <boost/any.hpp>\n", "boost/any.hpp, of a library that no "
                            "line of docs/architecture.md can name")):
            with self.subTest(text):
                self.check([f"cellar/Wine.h: includes {what}"], files={"cellar/Wine.h": text})

    def test_an_include_of_no_room(self):
        self.check(["kitchen/Stove.cpp: includes garden.old/Bed.h, of a library that no line of "
                    "docs/architecture.md can name",
                    "kitchen/Stove.cpp: includes kitchen/old/Stove.h, which has no room"],
                   files={"kitchen/Stove.cpp": FILES["kitchen/Stove.cpp"] +
                          '#include "garden.old/Bed.h"\n#include "kitchen/old/Stove.h"\n'})

    def test_a_word_that_is_nothing(self):
        self.check(["docs/architecture.md: kitchen may include XML, which is neither a room nor a "
                    "library"], PAGE.replace("JSON", "JSON, XML"))

    def test_an_allowance_that_nobody_needs(self):
        self.check(["docs/architecture.md: cellar may include JSON, and does not"],
                   PAGE.replace("| stores | |", "| stores | JSON |"))

    def test_a_circle(self):
        page = PAGE.replace("| stores | |", "| stores | `garden/…` |")
        self.check(["docs/architecture.md: rooms may include each other: cellar, garden/…, cellar"],
                   page, {"cellar/Wine.h": '#include "garden/roses/Rose.h"\n'})


if __name__ == "__main__":
    program = unittest.main(exit=False, argv=sys.argv[:1])
    run, bad = program.result.testsRun, len(program.result.failures) + len(program.result.errors)
    print(f"{run - bad} passed, {bad} failed")
    sys.exit(bad != 0)
