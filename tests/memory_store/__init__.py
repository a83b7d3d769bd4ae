"""A store in memory, for the simulation: a thousand statements of a run cost it a hundredth of what
they cost through SQLAlchemy, so that a hundred thousand runs become possible.

It implements services.ports.Store and what the dispatcher asks beyond it. It is held to the same
suite as SQLite and PostgreSQL (tests/store), and some seeds of the simulation run on both it and
SQLite and must be the same run, step by step (tests/simulation/test_simulation.py).
"""

from tests.memory_store.store import MemoryStore
from tests.memory_store.transaction import MemoryTransaction

__all__ = ["MemoryStore", "MemoryTransaction"]
