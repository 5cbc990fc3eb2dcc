"""The README names only what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import emgorder
from emgorder.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(((?!https?:)[^)#]+)", README))))
def test_every_link_leads_to_a_file(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\beo\.(\w+)", README))))
def test_every_name_of_the_library_exists(name: str) -> None:
    assert hasattr(emgorder, name)


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^(?:\S*bin/)?emgorder (\w+)", README, flags=re.MULTILINE))))
def test_every_command_exists(command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
