"""What can be said about the machine's files without building one."""

import os
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def test_vagrant_accepts_the_vagrantfile(tmp_path: Path) -> None:
    done = subprocess.run(
        ["vagrant", "validate", "--ignore-provider"],
        cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        env={**os.environ, "HOME": str(tmp_path), "VAGRANT_DOTFILE_PATH": str(tmp_path / "dot"),
             "VAGRANT_CHECKPOINT_DISABLE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nis vagrant installed? make test does"
    assert "validated successfully" in done.stdout


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """With programs that exist here in place of ours, which are only there on the machine."""
    units = []
    for unit in sorted((CHECKOUT / "scripts/provision/systemd").glob("*.service")):
        text = unit.read_text()
        program = next(x for x in text.splitlines() if x.startswith("ExecStart=")).split("=")[1]
        copy = tmp_path / unit.name
        copy.write_text(text.replace(program.split()[0], "/bin/true"))
        units.append(str(copy))
    assert len(units) == 2
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
