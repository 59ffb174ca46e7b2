#!/usr/bin/env python3
"""Prints the evaluations of finished runs side by side, one row a run.

Usage: scripts/report_table.py RUN...      (folders with summary.json)
Accuracies are per cent +- one standard error of the sampled test images.
"""

import json
import pathlib
import sys


def read(run):
    """(experiment, {attack: cell}, images, how each attack was done) of a run."""
    summary = json.loads((pathlib.Path(run) / "summary.json").read_text())
    evaluation = summary["evaluations"][-1]
    cells, reports = {}, {}
    for attack in evaluation["attacks"]:
        cells[attack["name"]] = (f"{100 * attack['accuracy']:.2f} +- "
                                 f"{100 * attack['standard_error']:.2f}")
        reports[attack["name"]] = attack.get("report", {})
    images = {attack["n"] for attack in evaluation["attacks"]}
    return summary["experiment"], cells, images, reports


def main(runs):
    rows = [read(run) for run in runs]
    columns = []
    for _, cells, _, _ in rows:
        # A column that an earlier page lacks goes before the one that follows it here.
        for place, name in enumerate(cells):
            if name not in columns:
                later = [columns.index(other) for other in list(cells)[place:] if other in columns]
                columns.insert(min(later, default=len(columns)), name)
    table = [["accuracy in %", *columns]]
    table += [[name, *(cells.get(column, "-") for column in columns)]
              for name, cells, _, _ in rows]
    widths = [max(map(len, column)) for column in zip(*table)]
    for number, row in enumerate(table):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    print("\n" + ", ".join(f"{name}: {'/'.join(map(str, sorted(images)))} images"
                           for name, _, images, _ in rows))
    for name, _, _, reports in rows:
        for attack, report in reports.items():
            if report.get("objective"):
                print(f"  {name} {attack}: max {report['objective']} over {report.get('over', '?')}"
                      f" by {report.get('solver', '?')}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
