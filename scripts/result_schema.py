"""Write the JSON Schema of result files to docs/result.schema.json.

python scripts/result_schema.py
"""

from __future__ import annotations

import json
from pathlib import Path

from emgorder.analysis.schema import result_schema

PATH = Path(__file__).resolve().parents[1] / "docs" / "result.schema.json"


def text() -> str:
    """Return what the file holds."""
    return json.dumps(result_schema(), indent=1) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="ascii")
