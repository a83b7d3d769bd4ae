"""Every name that the dialplan and the code share. A test holds the two against each other.

Change a name here and in dialplan/ together, never in one of them.
"""

import re
from typing import Final

from asterisk_callback.domain.attempt import TOKEN_DIGITS, Token, is_token

# Contexts of dialplan/extensions_callback.conf
CONTEXT_AGENT: Final = "callback-agent"  # the agent leg: the Asterisk queue
CONTEXT_CUSTOMER: Final = "callback-customer"  # once an agent answered: whisper, gate, Dial
CONTEXT_MEMBERS: Final = "callback-members"  # before agents are rung
CONTEXT_NO_FORWARD: Final = "callback-no-forward"  # where their phones may not send a call on
CONTEXT_BEFORE_QUEUE: Final = "callback-before-queue"  # the PBX's own, where there is one
CONTEXT_GATE: Final = "callback-gate"
CONTEXT_PREVIEW: Final = "callback-preview"  # preview, the agent leg: their own phone
CONTEXT_FIRST: Final = "callback-first"  # customer-first, the customer leg: gate, Dial
CONTEXT_FIRST_QUEUE: Final = "callback-first-queue"  # once they answered: confirm, Asterisk queue
CONTEXT_CONNECTED: Final = "callback-connected"  # on the agent's channel, before they talk
CONTEXT_ACCOUNT: Final = "callback-account"  # the request's id in the PBX's own records
CONTEXT_DIAL: Final = "callback-dial"
CONTEXT_REPORT: Final = "callback-report"  # hangup handlers
CONTEXT_WHISPER: Final = "callback-whisper"
CONTEXT_TELL: Final = "callback-tell"  # tells the agent why nothing comes
CONTEXT_FORGET: Final = "callback-forget"  # removes a left outcome from AstDB
CONTEXT_WITNESS: Final = "callback-witness"  # leaves a mark in AstDB
CONTEXT_FACTS: Final = "callback-facts"  # what queues.conf says of a queue
EXTEN_FACTS: Final = "queue"
CONTEXT_LAMP: Final = "callback-lamp"  # shows on the PBX's own lamps who is logged in
EXTEN_LAMP_ON: Final = "on"
EXTEN_LAMP_OFF: Final = "off"
CONTEXT_DOCTOR: Final = "callback-doctor"
CONTEXT_ROUTES: Final = "callback-routes"  # does a line's context match a number?
EXTEN_PROBE: Final = "probe"  # of CONTEXT_DOCTOR: asks the gate, and no agent
EXTEN_DOCTOR_PBX: Final = "pbx"  # of CONTEXT_DOCTOR: which kind of PBX this is
CONTEXT_SETTINGS: Final = "callback-settings"  # of dialplan/callback_settings.conf
CONTEXTS: Final = (
    CONTEXT_AGENT,
    CONTEXT_CUSTOMER,
    CONTEXT_MEMBERS,
    CONTEXT_NO_FORWARD,
    CONTEXT_GATE,
    CONTEXT_PREVIEW,
    CONTEXT_FIRST,
    CONTEXT_FIRST_QUEUE,
    CONTEXT_CONNECTED,
    CONTEXT_ACCOUNT,
    CONTEXT_DIAL,
    CONTEXT_REPORT,
    CONTEXT_WHISPER,
    CONTEXT_TELL,
    CONTEXT_FORGET,
    CONTEXT_WITNESS,
    CONTEXT_FACTS,
    CONTEXT_LAMP,
    CONTEXT_DOCTOR,
    CONTEXT_ROUTES,
    CONTEXT_SETTINGS,
)

# Several installations on one Asterisk: each has a name, and what is theirs there carries it. The
# first words of our contexts are no names: callback-first-queue could be of one called "first".
_WORDS: Final = sorted({context.split("-")[1] for context in CONTEXTS} | {"member", "left"})
_NAMED: Final = re.compile(rf"\bcallback-(?=(?:{'|'.join(_WORDS)})\b)")
INSTANCE: Final = re.compile(rf"(?!(?:{'|'.join(_WORDS)})$)[a-z][a-z0-9]{{0,15}}")
# Files for Asterisk, and the AMI user.
FILE_EXTENSIONS: Final = "extensions_callback.conf"
FILE_SETTINGS: Final = "callback_settings.conf"
FILE_MANAGER: Final = "manager_callback.conf"
FILE_MEMBER: Final = "callback_member.conf"
FILES: Final = (FILE_EXTENSIONS, FILE_SETTINGS, FILE_MANAGER, FILE_MEMBER)
AMI_USER: Final = "callback"


def of_instance(text: str, instance: str) -> str:
    """A context's name, an AstDB family's, or a file full of them, as the instance has them; "" is
    the only one on its Asterisk, and changes nothing."""
    if not instance:
        return text
    named = _NAMED.sub(f"callback-{instance}-", text)
    named = re.sub(r"\b(DB|DB_DELETE)\(callback/", rf"\1(callback-{instance}/", named)
    return f"{named}-{instance}" if named == ASTDB_FAMILY else named


def file_of(name: str, instance: str) -> str:
    """The name of a file for Asterisk as the instance has it."""
    return name.replace(".conf", f"_{instance}.conf") if instance else name


# Variables that Originate sets: values from the configuration and the attempt, nothing else.
VAR_QUEUE: Final = "CALLBACK_QUEUE"
VAR_QUEUE_FOR: Final = "CALLBACK_QUEUE_FOR"
VAR_QUEUE_OPTIONS: Final = "CALLBACK_QUEUE_OPTIONS"
VAR_WHISPER: Final = "CALLBACK_WHISPER"
VAR_TOKEN: Final = "CALLBACK_ID"
VAR_RECORD: Final = "CALLBACK_RECORD"  # the file of the talk's recording, or nothing
VAR_REQUEST: Final = "CALLBACK_REQUEST"  # the public id, for call records and queue statistics
# Of preview alone: the phone of the agent who calls back, as Asterisk's queues know it
VAR_MEMBER: Final = "CALLBACK_MEMBER"
# Of customer-first alone
VAR_CONFIRM: Final = "CALLBACK_CONFIRM"
VAR_DETECT: Final = "CALLBACK_DETECT"
VAR_MESSAGE: Final = "CALLBACK_MESSAGE"
VAR_PRIORITY: Final = "CALLBACK_PRIORITY"
VAR_LANGUAGE: Final = "CALLBACK_LANGUAGE"
FIRST_VARIABLES: Final = frozenset(
    {VAR_CONFIRM, VAR_DETECT, VAR_MESSAGE, VAR_PRIORITY, VAR_LANGUAGE}
)
# Of CONTEXT_FORGET alone: tokens, divided by "-"; no more than a variable's value may be long
VAR_CONTEXT: Final = "CALLBACK_CONTEXT"  # of CONTEXT_ROUTES alone
VAR_FORGET: Final = "CALLBACK_FORGET"
VAR_LAMP: Final = "CALLBACK_LAMP"  # of CONTEXT_LAMP alone: a device state's name
EXTEN_FORGET: Final = "left"
FORGOTTEN_AT_ONCE: Final = 9
ORIGINATE_VARIABLES: Final = (
    frozenset(
        {
            VAR_QUEUE,
            VAR_QUEUE_FOR,
            VAR_QUEUE_OPTIONS,
            VAR_WHISPER,
            VAR_TOKEN,
            VAR_REQUEST,
            VAR_RECORD,
            VAR_MEMBER,
            VAR_FORGET,
            VAR_LAMP,
            VAR_CONTEXT,
        }
    )
    | FIRST_VARIABLES
)

# Variables that the gate sets. VAR_GO is the one that the dialplan tests, and it comes last.
VAR_DIAL: Final = "CALLBACK_DIAL"
VAR_CALLER_ID: Final = "CALLBACK_CALLER_ID"
VAR_RING_FOR: Final = "CALLBACK_RING_FOR"
VAR_NUMBER: Final = "CALLBACK_NUMBER"
VAR_NO: Final = "CALLBACK_NO"
VAR_GO: Final = "CALLBACK_GO"
GATE_VARIABLES: Final = (VAR_NUMBER, VAR_DIAL, VAR_CALLER_ID, VAR_RING_FOR, VAR_NO, VAR_GO)

# What the dialplan reports. EVENT_LEG comes from the hangup handlers of both legs.
EVENT_LEG: Final = "CallbackLeg"
EVENT_DOCTOR: Final = "CallbackDoctor"
# Of the customer leg's report, and of a probe: what was heard of the gate.
FIELD_WORD: Final = "Word"
WORD_HEARD: Final = "1"  # it said yes or no; else AGISTATUS, or nothing if it was never asked
FIELD_MATCHED: Final = "Matched"
FIELD_FREEPBX: Final = "FreePbx"
EVENT_FACTS: Final = "CallbackQueue"
FACTS_FIELDS: Final = ("Queue", "RingInUse", "WrapUp", "Now")
ASTDB_FAMILY: Final = "callback"
ASTDB_WITNESS: Final = "callback-witness"
# What the half that stands with a customer in the Asterisk queue reports, and leaves in AstDB
# behind the word LEFT_FIRST. Heard: one of HEARD, or nothing.
LEFT_FIRST: Final = "first"
FIRST_FIELDS: Final = ("Heard", "QueueStatus", "Bridged")
HEARD_MACHINE: Final = "machine"
HEARD_NO_KEY: Final = "no-key"
HEARD: Final = (HEARD_MACHINE, HEARD_NO_KEY)
CONNECTED: Final = f"{LEFT_FIRST}|||1"  # left as soon as an agent is there
EXTEN_RECORDING: Final = "recording"  # of CONTEXT_DOCTOR
# The extension of CONTEXT_FIRST_QUEUE: no token, for the agents' phones may show it.
EXTEN_FIRST_QUEUE: Final = "customer"
# The parts of what a customer leg leaves in AstDB, in this order, divided by "|". TechCause: each
# channel that was dialled, with a "+" behind it: see causes.Ending.
OUTCOME_FIELDS: Final = (
    "DialStatus",
    "Cause",
    "TechCause",
    "RingMs",
    "ProgressMs",
    "AnsweredMs",
    "Gate",
    "Line",
)

# What a callback's line in Asterisk's queue log is called: app_queue has no event of that name.
QUEUE_LOG: Final = "CALLBACK"

# FastAGI
AGI_GATE: Final = "gate"
AGI_DOCTOR: Final = "doctor"

# What the agent hears; the file names below the sounds' folder, without their ending. A gate's
# reason that has no prompt of its own is told as "not-now".
PROMPT_CANCELLED: Final = "cancelled"
PROMPTS: Final = (
    "callback",
    "cancelled",
    "not-now",
    "no-gate",
    "busy",
    "no-answer",
    "rejected",
    "wrong-number",
    "line-down",
)
# What the customer hears in customer-first
PROMPTS_FIRST: Final = ("first-hold", "first-press-1", "first-sorry")
# What an agent hears who confirms by a key: callback_member.conf
PROMPTS_MEMBER: Final = ("agent-press-1",)
# "Waited N minutes": the longest that is not longer than the real wait is played.
WAITED_MINUTES: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 60)

_PREFIX: Final = "cb-"
_AGENT_HALF: Final = "-b"
_CUSTOMER_HALF: Final = "-a"


# In the bytes of each event that names a channel of ours by its Uniqueid or as its Linkedid.
EVENT_OF_OURS: Final = f"id: {_PREFIX}"
EVENT_OF_OUR_CHANNEL: Final = f"Uniqueid: {_PREFIX}"
USER_EVENT_OF_OURS: Final = "UserEvent: Callback"


def customer_uniqueid(token: Token) -> str:
    """The Uniqueid of the Local channel's half that dials the customer, and the call's Linkedid.

    32 characters, because call records often have no more room; a fixed end, because Asterisk's
    test for a conflict of ids is a prefix match.
    """
    return f"{_PREFIX}{token}{_CUSTOMER_HALF}"


def agent_uniqueid(token: Token) -> str:
    """The Uniqueid of the Local channel's half that stands in the Asterisk queue."""
    return f"{_PREFIX}{token}{_AGENT_HALF}"


def token_of(uniqueid: str) -> Token | None:
    """The token in a Uniqueid or Linkedid of ours; None for a foreign channel."""
    if not uniqueid.startswith(_PREFIX):
        return None
    token = uniqueid[len(_PREFIX) : len(_PREFIX) + TOKEN_DIGITS]
    end = uniqueid[len(_PREFIX) + TOKEN_DIGITS :]
    if end in (_AGENT_HALF, _CUSTOMER_HALF) and is_token(token):
        return Token(token)
    return None


def witness_extension(installation: str, mark: int) -> str:
    """12 digits that name the database, 15 that count: as long as a token."""
    return f"{installation}{mark:0{TOKEN_DIGITS - len(installation)}d}"


def is_customer_half(uniqueid: str) -> bool:
    return uniqueid.endswith(_CUSTOMER_HALF)
