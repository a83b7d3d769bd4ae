"""The trunks of a callback queue, from callback.toml to what the dispatcher is given."""

from pathlib import Path

from asterisk_callback.bootstrap.rules import queues
from asterisk_callback.config import load
from tests.unit.config.conftest import SMALL

MORE = '[trunks.other]\ndial = "IAX2/other/{digits}"\ncaller_id = "+442079460001"\npause = "1m"\n'


def loaded(tmp_path: Path, trunks: str) -> str:
    file = tmp_path / "callback.toml"
    file.write_text(SMALL.replace('trunk = "main"\n', trunks) + MORE, encoding="utf-8")
    (queue,) = queues(load(file, {})).values()
    by_country = queue.trunks_by_country.items()
    names = {region: [one.name for one in some] for region, some in by_country}
    return f"{[one.name for one in queue.trunks]} {names}"


def test_one_trunk(tmp_path: Path) -> None:
    assert loaded(tmp_path, 'trunk = "main"\n') == "['main'] {}"


def test_several_and_by_country(tmp_path: Path) -> None:
    text = 'trunks = ["main", "other"]\ntrunks_by_country = { FR = ["other"] }\n'
    assert loaded(tmp_path, text) == "['main', 'other'] {'FR': ['other']}"
