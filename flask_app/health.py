"""For load balancers and supervisors: alive, and able to do the job."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from flask_app.shared import access
from flask_app.shared.app_services import parts

blueprint = Blueprint("health", __name__)
access.of_blueprint(blueprint, access.EVERYBODY)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """200 as long as the process answers; nothing else is asked."""
    return {"status": "alive"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """200, or 503 with the reasons."""
    readiness = parts().ready()
    status = "ready" if readiness.ok else "not ready"
    body = {"status": status, "reasons": readiness.reasons, "alarms": readiness.alarms}
    return body, 200 if readiness.ok else 503
