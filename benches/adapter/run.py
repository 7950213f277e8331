"""The adapter beside the others: CPU time of a request, and the time to import it.

    python3 benches/adapter/run.py [--rounds N] [--python PYTHON] [--peers FOLDER]

The peers are installed into `target/bench-peers/adapter-…`, or below another folder. Each adapter runs in a process of
its own, all in turn in each round; what is printed is the quickest of the rounds, which nothing else on the machine
disturbed.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import adapters

HERE = Path(__file__).resolve().parent
COLUMNS = ["import", "no-op REST", "no-op HTTP", "hello REST", "hello HTTP"]


def environment(python, peers):
    """A Python with the peers installed."""
    version = subprocess.check_output([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], text=True)
    folder = peers / f"adapter-{version.strip()}"
    wanted = (HERE / "requirements.txt").read_text()
    stamp = folder / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        install = [folder / "bin/python", "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt"]
        subprocess.run(install, check=True)
        stamp.write_text(wanted)
    return folder / "bin/python"


def best(rounds, name, column):
    values = [each[name][column] for each in rounds]
    return next((value for value in values if isinstance(value, str)), None) or min(values)


def table(rounds, names):
    """One line per adapter; in brackets how many times ours it takes."""
    lines = ["| adapter | import, ms | " + " | ".join(f"{column}, µs" for column in COLUMNS[1:]) + " |"]
    lines.append("|---" * (len(COLUMNS) + 1) + "|")
    notes = []
    for name in names:
        cells = []
        for column in COLUMNS:
            value, base = best(rounds, name, column), best(rounds, names[0], column)
            if isinstance(value, str):
                notes.append(f"{name}, {column}: {value}")
                cells.append("fails")
            else:
                cells.append(f"{value:.1f} ({value / base:.2f}×)")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *notes])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--peers", type=Path, default=adapters.ROOT / "target" / "bench-peers")
    options = parser.parse_args()
    python = environment(options.python, options.peers.resolve())
    # All are imported from bytecode: the first round writes what was not installed with it.
    variables = {**os.environ, "PYTHONPYCACHEPREFIX": str(python.parent.parent / "bytecode")}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    rounds = []
    for _ in range(options.rounds):
        found = {}
        for name in [*adapters.WSGI, *adapters.ASGI]:
            command = [python, "-W", "ignore", HERE / "worker.py", name]
            done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{name}:\n{done.stderr}")
            found[name] = json.loads(done.stdout.splitlines()[-1])
        rounds.append(found)
    print(table(rounds, list(adapters.WSGI)))
    print(table(rounds, list(adapters.ASGI)))


if __name__ == "__main__":
    main()
