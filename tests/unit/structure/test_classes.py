"""A class name says which class is meant, and no class answers to too much."""

import ast
import importlib
import inspect
import pkgutil
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("asterisk_callback", "flask_app")
OURS = tuple(str(ROOT / package) for package in PACKAGES)
MOST_METHODS = 30


def modules() -> list[str]:
    """The names of all modules, but migrations: those are never edited."""
    found = []
    for package in PACKAGES:
        path = [str(ROOT / package)]
        found += [module.name for module in pkgutil.walk_packages(path, f"{package}.")]
    return [name for name in found if ".migrations" not in name and "__main__" not in name]


def classes() -> list[tuple[str, str]]:
    """Module and name of each class."""
    found = []
    for module in modules():
        file = ROOT / module.replace(".", "/")
        source = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
        tree = ast.parse(source.read_text())
        found += [(module, node.name) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return found


def methods(of: type) -> int:
    """How many methods and properties it has that stand in our code, inherited ones too."""
    count = 0
    for _, value in inspect.getmembers_static(of):
        inner = value.fget if isinstance(value, property) else value
        inner = getattr(inner, "__func__", inner)  # a classmethod's, a staticmethod's
        code = getattr(inner, "__code__", None)
        # What dataclasses and others generate has no file of ours.
        count += code is not None and code.co_filename.startswith(OURS)
    return count


def test_a_class_name_stands_once() -> None:
    places = defaultdict(list)
    for module, name in classes():
        places[name].append(module)
    twins = {name: found for name, found in places.items() if len(found) > 1}
    assert twins == {}


def test_no_class_has_more_methods_than_can_be_kept_in_mind() -> None:
    large = {}
    for module, name in classes():
        found = getattr(importlib.import_module(module), name, None)
        if not isinstance(found, type):
            continue
        if (count := methods(found)) > MOST_METHODS:
            large[f"{module}.{name}"] = count
    assert large == {}
