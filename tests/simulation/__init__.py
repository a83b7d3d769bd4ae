"""A deterministic simulation of the attempt protocol: `python -m tests.simulation --seeds N`.

Real are the whole of asterisk_callback's domain and services (its store in every hundredth seed),
and the dispatcher with its switchboard, AMI link, wire format and translation of events. They run
as processes of a simulated universe on a virtual clock, so nothing of their order of steps is
copied here and nothing can drift from it. A step is what lies between two awaits, or one
transaction.

What is modelled, and of what it is the model:

    loop.py         asyncio's event loop and its threads: virtual time, a process may freeze or die
    network.py      TCP: latency, cuts, partitions; bytes stay in order per connection
    database.py     the database, in memory or SQLite: away, failing commits, lost replies
    ami_door.py     Asterisk's manager interface (as measured: FullyBooted, async Originate, lists)
    asterisk.py     Asterisk and dialplan/extensions_callback.conf: queue, whisper, gate, Dial,
                    hangup handlers, AstDB
    far_end.py      agents' phones, the trunk, customers' phones, and their own log of every ring
    doors.py        what a dispatcher opens to the outside: clock.Clock, store.Watch, the FastAGI
                    server (telephony/gate_server.py's own table of variables is used)
    customers.py    people at the web form: submit with keys, retry, join, cancel, cancel twice
    faults.py       what goes wrong, and when
    oracle.py       the promises, judged after every commit and at every ring
    shards.py       many seeds on several cores
    run.py          one seed: builds the universe, breaks it, heals it, judges the end

The same seed gives the same run, whatever machine, load or hash seed.
"""
