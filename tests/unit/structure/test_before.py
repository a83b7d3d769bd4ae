"""tests/wild/before.sh: what it makes of pytest's report."""

from pathlib import Path

from tests.wild import before_table

REPORT = """<testsuites><testsuite>
<testcase classname="tests.web.test_a" name="test_one[22]"><properties><property name="case"
  value="CASES 1: a"/></properties></testcase>
<testcase classname="tests.web.test_a" name="test_one[16]"><properties><property name="case"
  value="CASES 1: a"/></properties><failure message="AssertionError: assert 1 == 2">E  no</failure>
</testcase>
<testcase classname="tests.web.test_a" name="test_two"><properties><property name="case"
  value="CASES 2: b"/></properties><failure message="TypeError: no such argument">E  x</failure>
</testcase>
<testcase classname="tests.web.test_a" name="test_three"><properties><property name="case"
  value="CASES 3: c"/></properties></testcase>
<testcase classname="tests.web.test_a" name="test_four"></testcase>
<testcase classname="" name="web.test_new"><error message="collection failure">Traceback
E   ImportError: cannot import name 'new' from 'old'</error></testcase>
</testsuite></testsuites>"""


def test_each_case_has_one_line_with_the_worst_that_was_found(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    module = tmp_path / "web/test_new.py"
    module.parent.mkdir()
    module.write_text('import pytest\n\n@pytest.mark.case("CASES 4: d")\ndef test_d(): ...\n')
    found = before_table.read(tmp_path / "report.xml", tmp_path / "tests")
    lines = before_table.table(found, "abc").splitlines()
    assert lines == [
        "| case | abc | reason |",
        "|---|---|---|",
        "| CASES 1: a | failed | AssertionError: assert 1 == 2 |",
        "| CASES 2: b | can't be asked | TypeError: no such argument |",
        "| CASES 3: c | holds |  |",
        "| CASES 4: d | can't be asked | ImportError: cannot import name 'new' from 'old' |",
        "",
        "1 failed, 2 can't be asked, 1 hold",
    ]
