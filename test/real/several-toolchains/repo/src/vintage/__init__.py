"""Which of several labels is the newest release."""

from packaging.version import InvalidVersion, Version, parse


def is_release(label):
    try:
        version = parse(label)
    except InvalidVersion:
        return False
    return isinstance(version, Version) and not version.is_prerelease


def newest(labels):
    releases = [label for label in labels if is_release(label)]
    return max(releases, key=Version, default=None)
