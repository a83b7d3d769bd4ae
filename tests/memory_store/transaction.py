"""One unit of work in memory, put together as store/transaction.py is."""

from tests.memory_store.alarms import Alarms
from tests.memory_store.asked import Asked
from tests.memory_store.consoles import Consoles
from tests.memory_store.counts import Counts
from tests.memory_store.members import Members
from tests.memory_store.servers import Servers


class MemoryTransaction(Asked, Alarms, Consoles, Counts, Members, Servers):
    """Implements services.ports.Transaction, and what the dispatcher asks beyond it."""

    by_number = ()
