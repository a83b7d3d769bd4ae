"""A gate that says yes and asks nobody: python -m tests.bench.yes_gate PORT"""

import asyncio
import sys

from asterisk_callback.telephony import contract
from tests.bench.bare_client import number

_HEADER_END = b"\n\n"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    header = (await reader.readuntil(_HEADER_END)).decode()
    told = dict(line.split(": ", 1) for line in header.splitlines() if ": " in line)
    token = told["agi_arg_1"]
    called = number(int(token))
    variables = {
        contract.VAR_NUMBER: called,
        contract.VAR_DIAL: f"PJSIP/{called}@trunk",
        contract.VAR_CALLER_ID: "442079460000",
        contract.VAR_RING_FOR: "6",
        contract.VAR_GO: token,  # last, as the dialplan wants it
    }
    for name, value in variables.items():
        writer.write(f'SET VARIABLE {name} "{value}"\n'.encode())
        await reader.readline()
    writer.close()


async def serve(port: int) -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
