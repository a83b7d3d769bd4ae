"""The longest words and both directions, on the narrowest screen and on a wide one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.pacing import QueueStatus
from flask_app.shared.languages import LANGUAGES
from tests.browser.conftest import Shoot
from tests.browser.steps import Contexts, fits
from tests.marks import mainly
from tests.web.house import House

pytestmark = pytest.mark.browser


def in_line(house: House) -> None:
    house.at_work(QueueStatus(known=True, logged_in=6))
    house.clock.now += timedelta(minutes=25)


def busy(house: House) -> None:
    house.ends(house.ringing(), Disposition.BUSY)


@pytest.mark.parametrize("width", mainly([320, 1280], 320))
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_form_fits(new_context: Contexts, shoot: Shoot, code: str, width: int) -> None:
    page = new_context(viewport={"width": width, "height": 800}, locale=code).new_page()
    page.goto("/")
    fits(page, shoot, f"form-{code}-{width}")
    page.locator("#phone").fill("12")
    page.locator(".form-end button").click()
    page.locator("#phone-error").wait_for()
    fits(page, shoot, f"form-error-{code}-{width}")


@pytest.mark.parametrize("reach", mainly([in_line, busy], in_line))
@pytest.mark.parametrize("code", mainly(LANGUAGES, "de", "ar"))
def test_the_status_page_fits(
    new_context: Contexts,
    shoot: Shoot,
    house: House,
    code: str,
    reach: Callable[[House], object],
) -> None:
    secret = house.submit().secret
    reach(house)
    for width in (320, 1280):
        page = new_context(viewport={"width": width, "height": 800}, locale=code).new_page()
        page.goto(f"/c/{secret}")
        fits(page, shoot, f"status-{reach.__name__}-{code}-{width}")
        for summary in page.locator("summary").all():
            summary.click()
        fits(page, shoot, f"status-{reach.__name__}-{code}-{width}-open")
