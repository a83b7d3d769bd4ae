"""Every mistake in the configuration gives one line: place, key, what is wrong, a right example."""

import pytest

from asterisk_callback.bootstrap import rules as bootstrap
from tests.unit.config.conftest import SMALL, Load, Problems

QUEUE = "[queues.support]\n"


@pytest.mark.parametrize(
    ("old", "new", "place", "sentence", "example"),
    [
        ('country = "GB"', 'contry = "GB"', ":4", "[company] contry is not a key", "country"),
        ('country = "GB"', 'country = "gb"', ":4", "[company] country must be", 'country = "GB"'),
        ('country = "GB"', "country = 44", ":4", "must be text in quotes", 'country = "GB"'),
        ("Europe/London", "Europe/Lundon", ":3", "[company] zone must be an IANA", "Europe/London"),
        ('GB"', 'GB"\naccent = "green"', ":5", "accent must be a colour", '"#0b6e4f"'),
        ('GB"', 'GB"\naccent = "#7bc96f"', ":5", "accent must be darker: text in it", '"#0b6e4f"'),
        ("[web]", "[wbe]", ":6", "wbe is not a key that we know; did you mean web?", "known here"),
        ("[web]", "[web]\nlisten = 8080", ":7", "[web] listen must be", '"127.0.0.1:8080"'),
        ("[web]", '[web]\nlisten = "::1:80"', ":7", "[web] listen must have its IPv6", "listen ="),
        ("[web]", '[web]\nbase_url = "call.me"', ":7", "[web] base_url must be http", "https://"),
        (
            "[web]",
            '[web]\nbase_url = "https://www.example.org/callback"',
            ":7",
            "[web] base_url must be http:// or https:// and a host, without a path",
            "https://call.example.org",
        ),
        ("[web]", '[web]\ntrusted_proxies = "1"', ":7", "must be a whole number", "= 1"),
        ("[web]", "[web]\ntrusted_proxies = -1", ":7", "must be at least 0", "= 1"),
        ("[asterisk]", "[asterisk]\nport = 0", ":10", "[asterisk] port must be at least 1", "5038"),
        ("[asterisk]", '[asterisk]\ntls = "yes"', ":10", "must be true or false", "tls = true"),
        ("[asterisk]", '[asterisk]\nhost = "a b"', ":10", "must be a host name", "host ="),
        ("[asterisk]", '[asterisk]\netc = "etc"', ":10", "etc must be a folder's whole", "/etc/as"),
        ("{digits}@", "{number}@", ":13", "only the placeholders {e164}", "PJSIP/{digits}@trunk"),
        ("{digits}@", "442079460000@", ":13", "must hold the number", "PJSIP/{digits}@trunk"),
        ("{digits}@", "{digits@", ":13", "[trunks.main] dial", "PJSIP/{digits}@trunk"),
        ("{digits}@", "{digits!r}@", ":13", "only the placeholders", "PJSIP/{digits}@trunk"),
        ("@trunk", "@trunk&PJSIP/x", ":13", "only letters, digits", "PJSIP/{digits}@trunk"),
        ("@trunk", "@trunk,30", ":13", "only letters, digits", "PJSIP/{digits}@trunk"),
        ("@trunk", "@${TRUNK}", ":13", "[trunks.main] dial may hold only", "PJSIP/{digits}@trunk"),
        ("@trunk", "@trunk|x", ":13", "only letters, digits", "PJSIP/{digits}@trunk"),
        ('"+442079460000"', '"Larkmoor"', ":14", "caller_id must be digits", '"+442079460000"'),
        ("[queues.support]", "[queues.Support_1]", ":16", "[queues.Support_1] must be 1", ""),
        ('queue = "support"', 'queue = "a,b"', ":18", "asterisk_queue may hold only", "support"),
        (
            'queue = "support"',
            'queue = "Kundendienst Süd"',
            ":18",
            "may hold only letters",
            "support",
        ),
        ('trunk = "main"', 'trunk = "mian"', ":19", "one of the trunks below [trunks]: main", "="),
        (
            "[asterisk]",
            "[gate]\nwithin = 61\n[asterisk]",
            ":10",
            "within must be at most 60",
            "= 2",
        ),
        (QUEUE, QUEUE + 'ring_for = "1 min"\n', ":17", "ring_for must be a time", '"30s"'),
        (QUEUE, QUEUE + "queue_for = 1\n", ":16", "queue_for must be at least 5 seconds", ""),
        (QUEUE, QUEUE + 'queue_options = "tT"\n', ":17", "queue_options may hold only C h", '"tC"'),
        (QUEUE, QUEUE + 'record = "a/{id}.wav"\n', ":17", "must hold {id} and {attempt}", '"callb'),
        (QUEUE, QUEUE + 'record = "{id}-{attempt}"\n', ":17", "with its ending", '"callbacks/'),
        (QUEUE, QUEUE + 'record = "${x}{id}-{attempt}.wav"\n', ":17", "letters, digits", '"callb'),
        (QUEUE, QUEUE + 'queue_options = "tt"\n', ":17", "each once", '"tC"'),
        (QUEUE, QUEUE + 'whisper = "a,b"\n', ":17", "whisper must be sound files", "whisper ="),
    ],
)
def test_one_line_names_place_key_and_example(
    problems: Problems, old: str, new: str, place: str, sentence: str, example: str
) -> None:
    found = problems((old, new))
    line = next((line for line in found if sentence in line), None)
    assert line is not None, found
    assert f"callback.toml{place}: " in line
    assert example in line


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('name = "Larkmoor Broadband"\n', "[company] name"),
        ('secret = "an-ami-secret-that-nobody-may-see"\n', "[asterisk] secret"),
        ('dial = "PJSIP/{digits}@trunk"\n', "[trunks.main] dial"),
        ('title = "Support"\n', "[queues.support] title"),
    ],
)
def test_a_missing_key_is_named_with_its_variable(problems: Problems, line: str, key: str) -> None:
    (found,) = problems((line, ""))
    assert f"{key} is missing; for example: {key.split()[1]} = " in found
    variable = key.strip("[").replace("] ", "__").replace(".", "__").upper()
    assert f"ASTERISK_CALLBACK_{variable}" in found


def test_a_missing_secret_may_also_come_from_a_file(problems: Problems) -> None:
    (found,) = problems(("secret_key", "#"))
    assert "ASTERISK_CALLBACK_WEB__SECRET_KEY_FILE" in found


def test_a_short_secret_is_refused_and_not_shown(problems: Problems) -> None:
    (found,) = problems(("a-secret-key-that-nobody-may-ever-see-in-an-error", "nobody-may-see"))
    assert "[web] secret_key must have at least 32 characters" in found


def test_a_key_of_the_api_is_not_shown(problems: Problems) -> None:
    (found,) = problems(more='[sites.shop]\napi_keys = ["nobody-may"]\n')
    assert "[sites.shop] api_keys[0] must have at least 16 characters" in found
    (found,) = problems(more='[sites.shop]\napi_keys = ["a key that no header can hold"]\n')
    assert "[sites.shop] api_keys[0] must be ASCII" in found


def test_two_sites_never_share_a_key(problems: Problems) -> None:
    keys = 'api_keys = ["that-nobody-may-see"]\n'
    (found,) = problems(more=f"[sites.shop]\n{keys}[sites.blog]\n{keys}")
    assert "[sites.blog] api_keys[0] must be a key that no other site has" in found


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('queues = ["support", "nobody"]', "queues[1] must be one of the queues: support"),
        ('origins = ["https://example.org/"]', "origins[0] must be http:// or https:// and a host"),
        ('origins = ["https://Example.org"]', "origins[0] must be http:// or https:// and a host"),
        ('origins = ["*"]', "origins[0] must be http:// or https:// and a host"),
        ('key = "x"', "key is not a key that we know; known here are api_keys, origins, queues"),
    ],
)
def test_what_a_site_may_not_say(problems: Problems, line: str, told: str) -> None:
    (found,) = problems(more=f"[sites.shop]\n{line}\n")
    assert f"[sites.shop] {told}" in found


def test_https_without_a_word_of_the_proxy_is_refused(load: Load, problems: Problems) -> None:
    """We speak http: somebody in front of us speaks https, and hides the customers' addresses."""
    https = ("[web]", '[web]\nbase_url = "https://call.example.org"')
    (found,) = problems(https)
    assert "[web] trusted_proxies must say how many proxies" in found
    assert found.endswith("for example: trusted_proxies = 1")
    assert load(https, WEB__TRUSTED_PROXIES="1").web.trusted_proxies == 1


def test_a_range_of_numbers_begins_with_a_plus(problems: Problems) -> None:
    (found,) = problems(more='[numbers]\nrefused = ["+44871", "0871"]\n')
    assert "[numbers] refused[1] must be the first digits of a number, with a + in front" in found


NATIONAL = ("{digits}", "{national}")
ABROAD = (
    "[trunks.main] dial_foreign is missing: {national} in dial is right only for numbers of GB, "
    "and FR may be called by this trunk, too; for example: dial_foreign = "
)


@pytest.mark.case("CASES 3: {national} abroad")
def test_national_digits_where_another_country_may_be_called(
    problems: Problems, load: Load
) -> None:
    both = '[numbers]\nregions = ["GB", "FR"]\n'
    (found,) = problems(NATIONAL, more=both)
    assert ABROAD in found
    one_queue = ('trunk = "main"', 'trunk = "main"\nregions = ["FR"]')
    (found,) = problems(NATIONAL, one_queue)
    assert ABROAD in found
    # What the sentence shows is right, and so are islands of one plan, and a trunk over there.
    example = found.rpartition("for example: ")[2]
    assert load(NATIONAL, ("[queues", f"{example}\n[queues"), more=both)
    assert load(NATIONAL, more='[numbers]\nregions = ["GB", "JE"]\n')
    assert load(NATIONAL, one_queue, ("[queues", 'country = "FR"\n[queues'))
    nobody = ('trunk = "main"', 'trunk = "main"\nmode = "notify"\nregions = ["FR"]')
    hook = '[queues.support.notify]\nwebhook = "https://a.example"\nwebhook_secret = "%s"\n'
    assert load(NATIONAL, nobody, more=hook % ("x" * 16))


def test_the_foreign_template_has_the_country_s_code(problems: Problems) -> None:
    (found,) = problems(("[queues", 'dial_foreign = "DAHDI/g0/00{national}"\n[queues'))
    assert "[trunks.main] dial_foreign must hold the country's code, too" in found


@pytest.mark.parametrize("listed", ['"*/*"', '"PJSIP/a,b"', '"*"', '"PJSIP/${X}"', ""])
def test_members_are_phones(problems: Problems, load: Load, listed: str) -> None:
    (found,) = problems(("[asterisk]", f"[asterisk]\nmembers = [{listed}]"))
    assert "[asterisk] members must be the phones that agents may have" in found
    example = found.rpartition("for example: ")[2]
    rules = bootstrap.member_rules(load(("[asterisk]", f"[asterisk]\n{example}")))
    assert rules.allow("Local/6001@from-queue/n") and not rules.allow("SIP/6001")


LOG_IN = '[asterisk.log_in.pbx]\nmembers = "Local/*@from-queue/n"\n'


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('state_interface = "PJSIP"', "state_interface must be a device such as PJSIP/1001"),
        ('state_interface = "hint:1@a,b"', "state_interface must be a device"),
        ('member_name = "{name}"', "member_name must be a name of letters"),
        ('member_name = "db:AMPUSER"', "member_name must be a name of letters"),
        ('member_name = "a,b"', "{extension} and {queue} may stand in it"),
        ('penalty = "-1"', "penalty must be a number in quotes, or db:FAMILY/KEY"),
        ('lamp = "PJSIP/{extension}"', "lamp must be a device state such as Custom:NAME"),
        ('lamp = "Custom:${X}"', "lamp must be a device state"),
        ('lamps = ""', "lamps is not a key"),
    ],
)
def test_how_agents_log_in(problems: Problems, line: str, told: str) -> None:
    (found,) = problems(more=f"{LOG_IN}{line}\n")
    assert f"[asterisk.log_in.pbx] {told}" in found or told in found


@pytest.mark.parametrize("members", ["Local/6001@from-queue/n", "Local/*@*", "*", "a b"])
def test_a_log_in_is_for_phones_with_an_extension(problems: Problems, members: str) -> None:
    (found,) = problems(more=f'[asterisk.log_in.pbx]\nmembers = "{members}"\n')
    assert "[asterisk.log_in.pbx] members must be interfaces" in found
    assert 'members = "Local/*@from-queue/n"' in found


def test_all_problems_are_told_at_once(problems: Problems) -> None:
    assert len(problems(("GB", "XX"), ("Europe/London", "Mars"), ("{digits}", ""))) == 3


def test_what_is_no_toml(problems: Problems) -> None:
    (found,) = problems(("[web]", "[web"))
    assert "is no valid TOML" in found and "line 6" in found


def test_the_trunks_of_a_queue(problems: Problems) -> None:
    one = 'trunk = "main"\n'
    for wrong in ("", f'{one}trunks = ["other"]\n', "trunks = []\n"):
        (found,) = problems((one, wrong))
        assert '[queues.support] give either trunk = "main" or trunks = ' in found
    (found,) = problems((one, 'trunks = ["main", "main"]\n'))
    assert "each is named once" in found
    (found,) = problems((one, 'trunks = ["main", "mian"]\n'))
    assert "[queues.support] trunks must be one of the trunks below [trunks]: main" in found
    (found,) = problems((one, f'{one}trunks_by_country = {{ FR = ["mian"] }}\n'))
    assert "[queues.support.trunks_by_country] FR must be one of the trunks below" in found
    (found,) = problems((one, f'{one}trunks_by_country = {{ XX = ["main"] }}\n'))
    assert "XX" in found


def test_no_queue_and_no_trunk(problems: Problems) -> None:
    start = SMALL.index("[trunks.main]")
    found = problems((SMALL[start:], ""))
    assert any("[trunks] is missing: at least one is needed" in line for line in found)
    assert any("[queues] is missing: at least one is needed" in line for line in found)


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("[queues.support.retry.answered]\nafter = 60", "what follows it can't be changed"),
        ("[queues.support.retry.bussy]\nafter = 60", "must be one of"),
        ("[queues.support.retry.busy]\nafter = 0", "after must be at least 5 seconds"),
        ("[queues.support.brief_talk]\nafter = 1", "after must be at least 5 seconds"),
        ("[queues.support.brief_talk]\ntimes = 9", "times must be at most 3"),
        ("[queues.support.retry.agent_gone]\nafter = 0", "after must be at least 5 seconds"),
        ("[queues.support.retry.busy]\nlimit = 0", "limit must be at least 1"),
        ("[queues.support.retry.busy]\nthen = 'back'", "must be one of 'retry' or 'fail'"),
        ("[queues.support.retry.no_agent]\nthen = 'retry'\nlimit = 2", "is no retry"),
        ("[queues.support.retry.rejected]\nthen = 'retry'\nafter = 60", "a retry needs a limit"),
    ],
)
def test_reactions_that_make_no_sense(problems: Problems, override: str, sentence: str) -> None:
    found = problems(more=override + "\n")
    assert any(sentence in line for line in found), found


def test_an_unknown_variable_is_a_mistake_too(problems: Problems) -> None:
    (found,) = problems(WEB_LISTEN="127.0.0.1:80")
    assert found.startswith("ASTERISK_CALLBACK_WEB_LISTEN (environment): names no key")
    assert "two underscores" in found


def test_a_wrong_value_in_the_environment_names_the_variable(problems: Problems) -> None:
    (found,) = problems(GATE__LISTEN="4574")
    assert found.startswith("ASTERISK_CALLBACK_GATE__LISTEN (environment): [gate] listen must be")
    (found,) = problems(ASTERISK__PORT="many")
    assert "[asterisk] port must be a whole number" in found


def test_a_secret_file_that_is_not_there(problems: Problems) -> None:
    (found,) = problems(ASTERISK__SECRET_FILE="/nowhere")
    assert "ASTERISK_CALLBACK_ASTERISK__SECRET_FILE" in found
    assert "No such file" in found


def test_a_secret_given_twice(problems: Problems) -> None:
    (found,) = problems(ASTERISK__SECRET="x", ASTERISK__SECRET_FILE="callback.toml")
    assert "given twice" in found
