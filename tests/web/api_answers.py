"""What tests of the API send, and how they read a problem document."""

import json
from typing import Any

from tests.web.house import NUMBER

BODY = {"phone": NUMBER, "queue": "support"}


def problem(answer: Any, status: int, name: str, field: str | None = None) -> str:
    """Checks a problem document (RFC 9457) and returns its detail."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    body = json.loads(answer.data)
    assert body["type"] == f"/problems/{name}" and body["status"] == status and body["title"]
    assert body.get("field") == field
    return str(body["detail"])


def with_key(key: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} | more
