"""The gate goes on answering while somebody invents tokens and holds connections open."""

import asyncio
import contextlib
import secrets
import time

import pytest

from asterisk_callback.domain.attempt import TOKEN_DIGITS, Token
from asterisk_callback.telephony import contract
from asterisk_callback.telephony.fastagi import FastAgiServer
from asterisk_callback.telephony.gate_server import open_gate
from tests.factories import Office
from tests.lab.speed import scaled

CALLS = 30
A_SECOND = 100
SILENT = 64
# So many calls may be slower: the machine itself stands still now and then, and as the calls come
# one after the other, one halt is felt by one of them.
HALTS = 3
# What the gate may take at most while it is attacked, in seconds; or so many times what it takes
# without, measured before and after.
LONGEST, TIMES = 0.2, 5


async def _ask(server: FastAgiServer, token: str) -> list[str]:
    """What Asterisk does; the names of the variables that it is told to set."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"agi_network_script: gate\nagi_arg_1: {token}\n\n".encode())
    told = []
    while line := await reader.readline():
        told.append(line.decode().split()[2])
        writer.write(b"200 result=1\n")
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return told


def _invented() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(TOKEN_DIGITS))


async def _flood(server: FastAgiServer, over: asyncio.Event) -> None:
    """100 invented tokens a second, each on a connection of its own, until `over`; all of them are
    answered, and none with a yes."""
    async with asyncio.TaskGroup() as asking:
        asked = []
        while not over.is_set():
            asked.append(asking.create_task(_ask(server, _invented())))
            await asyncio.sleep(1 / A_SECOND)
    assert all(one.result() == [contract.VAR_NO] for one in asked)


async def _slowest(server: FastAgiServer, tokens: list[Token]) -> float:
    """How long the slowest of these real calls waits for its yes, in seconds; but for HALTS."""
    waits = []
    for token in tokens:
        start = time.monotonic()
        assert contract.VAR_GO in await _ask(server, token)
        waits.append(time.monotonic() - start)
    return sorted(waits)[-1 - HALTS]


@pytest.mark.case("CASES 7: invented tokens")
def test_real_calls_are_answered_while_tokens_are_invented(office: Office) -> None:
    tokens = []
    for n in range(3 * CALLS):
        office.submit(n)
        claimed = office.claim()
        assert claimed is not None
        tokens.append(claimed.attempt.token)

    async def scene() -> None:
        server = await open_gate(("127.0.0.1", 0), office.gate)
        alone = await _slowest(server, tokens[:CALLS])
        held = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(SILENT)]
        over = asyncio.Event()
        flood = asyncio.create_task(_flood(server, over))
        attacked = await _slowest(server, tokens[CALLS : 2 * CALLS])
        over.set()
        await flood
        for _, writer in held:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        alone = max(alone, await _slowest(server, tokens[2 * CALLS :]))
        await server.close()
        assert attacked <= max(scaled(LONGEST), TIMES * alone)

    asyncio.run(scene())
