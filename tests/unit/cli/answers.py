"""What an admin answers `init`, for tests that are about something else."""

from asterisk_callback.commands.init_files import Answers
from asterisk_callback.config.fields import Address

ANSWERS = Answers(
    company="Larkmoor Broadband",
    country="GB",
    zone="Europe/London",
    queue="support",
    asterisk_queue="support",
    dial="PJSIP/{digits}@trunk",
    caller_id="+442079460000",
    listen=Address("127.0.0.1", 8080),
    gate=Address("127.0.0.1", 4574),
    ami=Address("127.0.0.1", 5038),
)
