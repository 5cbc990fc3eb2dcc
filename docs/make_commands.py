"""Write the reference of the command line from its parsers: python docs/make_commands.py."""

from __future__ import annotations

import argparse
import re
import textwrap
from itertools import groupby
from pathlib import Path

from emgorder.cli.main import make_parser

PAGE = Path(__file__).resolve().parent / "reference" / "commands.md"
HEAD = """\
# Command line

Made by `python docs/make_commands.py` from the program's own parsers: `emgorder COMMAND --help` says the same.

"""


def page() -> str:
    """Return the page."""
    parser = make_parser()
    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    parts = [HEAD + f"{parser.epilog}\n\n{table(parser)}"]
    for choice in commands._choices_actions:
        command = commands.choices[choice.dest]
        parts.append(f"## emgorder {choice.dest}\n\n{command.description}\n\n{table(command)}\n{epilog(command)}")
    return "\n".join(parts)


def table(parser: argparse.ArgumentParser) -> str:
    """Return the arguments of a parser as a table, those without dashes first."""
    actions = [a for a in parser._actions if not isinstance(a, argparse._SubParsersAction | argparse._HelpAction)]
    actions = [action for action in actions if action.help != argparse.SUPPRESS]
    actions.sort(key=lambda action: bool(action.option_strings))
    rows = [f"| `{name(action)}` | {cell(action)} |" for action in actions]
    return "\n".join(["| argument | meaning |", "| --- | --- |", *rows, ""])


def name(action: argparse.Action) -> str:
    """Return how an argument is written."""
    if not action.option_strings:
        label = str(action.metavar or action.dest)
        return f"[{label}]" if action.nargs == "?" else f"{label} ..." if action.nargs in ("+", "*") else label
    value = action.metavar or ("" if action.choices is None else "{" + ",".join(map(str, action.choices)) + "}")
    words = [f"{option} {value}".rstrip() if action.nargs != 0 else option for option in action.option_strings]
    return ", ".join(words).replace("|", "\\|")


def cell(action: argparse.Action) -> str:
    """Return what an argument means."""
    text = " ".join(str(action.help or "").split()).replace("%%", "%").replace("|", "\\|").replace("<", "&lt;")
    return with_code(text) + (" (needed)" if action.required and action.option_strings else "")


def with_code(text: str) -> str:
    """Return a text in which options are set as code: two dashes would become one long one."""
    return re.sub(r"(?<![`\w-])(--[\w-]+)", r"`\1`", text)


def epilog(parser: argparse.ArgumentParser) -> str:
    """Return the examples of a command as a block, and what follows them as text."""
    lines = (parser.epilog or "").strip().splitlines()
    examples = [line.strip().removeprefix("example: ") for line in lines if "emgorder " in line and "`" not in line]
    examples = [line for line in examples if line.startswith("emgorder ")]
    others = [line for line in lines if line.strip().removeprefix("example: ") not in examples]
    parts = ["```sh\n" + "\n".join(examples) + "\n```\n"] if examples else []
    for indented, group in groupby(others, key=lambda line: line.startswith("  ")):
        text = "\n".join(group).replace("examples:", "").strip("\n")
        if text.strip():
            parts.append(f"```text\n{textwrap.dedent(text)}\n```\n" if indented else f"{with_code(text)}\n")
    return "\n".join(parts)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
