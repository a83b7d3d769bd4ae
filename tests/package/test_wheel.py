"""The wheel alone, in an empty environment, away from the checkout, must be all that is needed."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PACKAGES = ("asterisk_callback", "dialplan", "flask_app")
VERSION = re.compile(r"^asterisk-callback, version \d+\.\d+\.\d+$")

pytestmark = [pytest.mark.slow, pytest.mark.thorough]


def run(*command: str | Path, cwd: Path) -> str:
    """Runs to its end in `cwd`, with nothing of this test run's environment; returns its output."""
    kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_"))}
    kept |= {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
    kept |= {"PATH": os.defpath, "HOME": os.environ.get("HOME", str(cwd))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env=kept, stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"{command[0]}: {done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git hands on, so that a build leaves nothing in the checkout."""
    copy = tmp_path_factory.mktemp("source")
    for name in tracked():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((CHECKOUT / name).read_bytes())
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, cwd=source)
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment that holds the wheel and what it asks for; no more."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    uv = Path(sys.executable).with_name("uv")
    install = (uv, "pip", "install", "--quiet", "--system-certs", "--python", folder / "bin/python")
    locked = CHECKOUT / "requirements.lock"
    run(*install, "--require-hashes", "--only-binary", ":all:", "-r", locked, cwd=folder)
    # Without --no-deps: it fails if the lock lacks something that the wheel asks for.
    run(*install, "--offline", wheel, cwd=folder)
    return folder


def tracked() -> list[str]:
    listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=CHECKOUT)
    return [name for name in listed.splitlines() if (CHECKOUT / name).is_file()]


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    ours = {name for name in tracked() if name.split("/")[0] in PACKAGES}
    assert ours - inside == set()


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    roots = {name.split("/")[0] for name in inside if ".dist-info/" not in name}
    assert roots == set(PACKAGES)
    assert [name for name in inside if "__pycache__" in name or name.endswith(".pyc")] == []


def test_the_wheel_names_its_licence_and_its_command(wheel: Path) -> None:
    held = zipfile.ZipFile(wheel)
    (info,) = {n.split("/")[0] for n in held.namelist() if ".dist-info/" in n}
    metadata = held.read(f"{info}/METADATA").decode()
    assert "\nLicense-Expression: MIT\n" in metadata
    assert "\nRequires-Python: >=3.11\n" in metadata
    entry_points = held.read(f"{info}/entry_points.txt").decode()
    assert "asterisk-callback = asterisk_callback.cli:main" in entry_points


def test_the_installed_command_works_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    command = installed / "bin/asterisk-callback"
    assert VERSION.match(run(command, "--version", cwd=tmp_path).strip())

    run(command, "init", "here", "--dial", "PJSIP/{e164}@trunk", cwd=tmp_path)
    made = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert "here/callback.toml" in made
    assert "here/asterisk/extensions_callback.conf" in made
    assert any(name.endswith(".gsm") for name in made)

    config = ("--config", "here/callback.toml")
    run(command, *config, "db", "upgrade", cwd=tmp_path)
    assert (tmp_path / "here/callback.db").stat().st_size > 0
    run(command, *config, "requests", "list", cwd=tmp_path)


def test_the_installed_pages_have_their_templates(installed: Path, tmp_path: Path) -> None:
    script = """
from importlib.resources import files
import flask_app, dialplan
assert [f for f in files(flask_app).joinpath("static").iterdir() if f.is_file()]
from jinja2 import Environment, PackageLoader
pages = Environment(loader=PackageLoader("flask_app", "."), autoescape=True)
names = pages.list_templates(extensions=("html",))
for name in names:
    pages.parse(pages.loader.get_source(pages, name)[0])
print(len(names), flask_app.__file__)
"""
    said = run(installed / "bin/python", "-c", script, cwd=tmp_path)
    assert int(said.split()[0]) >= 50
    assert str(installed) in said
