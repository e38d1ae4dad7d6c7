import os
import subprocess
from pathlib import Path

import pytest

from ledgerline.accounts import months
from ledgerline.close import total

root = Path(__file__).parent.parent


@pytest.mark.parametrize(("month", "text"), [("2024-01", "1.550,50"), ("2024-02", "-300,00")])
def test_total(month, text):
    assert total(month).split("\xa0") == [text, "€"]


def test_months():
    assert months() == ["2024-01", "2024-02"]


def test_script_may_be_started():
    script = root / "bin" / "close-books"
    assert os.access(script, os.X_OK)
    said = subprocess.run([script, "2024-01"], capture_output=True, text=True, check=True)
    assert said.stdout.strip().endswith("€")


@pytest.mark.xfail(raises=FileNotFoundError)
def test_next_year():
    total("2025-01")
