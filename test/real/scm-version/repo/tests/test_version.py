import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import lakelevel

root = Path(__file__).parent.parent


def described() -> re.Match[str]:
    said = subprocess.run(
        ["git", "describe", "--tags", "--long", "--match", "v*"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    match = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)-(\d+)-g([0-9a-f]+)", said)
    assert match, said
    return match


def test_version_counts_the_commits_since_the_tag():
    major, minor, patch, distance, commit = described().groups()
    assert distance == "2"
    expected = f"{major}.{minor}.{int(patch) + 1}.dev{distance}+g{commit}"
    # A longer or shorter abbreviation of the same commit is as good.
    assert version("lakelevel")[: len(expected) - 1] == expected[:-1]


def test_module_says_the_same():
    assert lakelevel.__version__ == version("lakelevel")
