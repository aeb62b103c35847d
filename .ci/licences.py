"""The licences of a folder of wheels, for whoever must approve them: `python .ci/licences.py wheelhouse`."""

import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path


def licence(wheel: Path) -> str:
    """Return name, version and licence of a wheel, as its metadata say."""
    with zipfile.ZipFile(wheel) as packed:
        (place,) = [name for name in packed.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1]
        facts = HeaderParser().parsestr(packed.read(place).decode("utf-8"))
    told = [line.rpartition(" :: ")[2] for line in facts.get_all("Classifier", []) if line.startswith("License ::")]
    words = facts.get("License-Expression") or ", ".join(told) or (facts.get("License") or "not said").splitlines()[0]
    return f"{facts['Name']}\t{facts['Version']}\t{words}"


if __name__ == "__main__":
    for path in sorted(Path(sys.argv[1]).glob("*.whl")):
        print(licence(path))
