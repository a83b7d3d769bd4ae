"""A repository for each table, on one unit of work."""

from functools import cached_property

from asterisk_callback.store.accounts import SqlAccounts
from asterisk_callback.store.alarms import SqlAlarmNotices, SqlAlarms
from asterisk_callback.store.attempts import SqlAttempts
from asterisk_callback.store.board import SqlBoard
from asterisk_callback.store.console import SqlConsoles
from asterisk_callback.store.holds import SqlHolds
from asterisk_callback.store.limits import SqlLimits
from asterisk_callback.store.line import SqlLine
from asterisk_callback.store.member_orders import SqlMemberOrders
from asterisk_callback.store.offers import SqlOffers
from asterisk_callback.store.outbox import SqlMessages
from asterisk_callback.store.queue_members import SqlQueueMembers
from asterisk_callback.store.reports import SqlReports
from asterisk_callback.store.repository import UnitOfWork
from asterisk_callback.store.requests import SqlRequests
from asterisk_callback.store.servers import SqlServers
from asterisk_callback.store.sessions import SqlSessions
from asterisk_callback.store.suppressions import SqlSuppressions
from asterisk_callback.store.team import SqlTeamLinks, SqlTeamNotes
from asterisk_callback.store.trail import SqlTrail
from asterisk_callback.store.wishes import SqlWishes
from asterisk_callback.store.work import SqlWork
from asterisk_callback.store.wrap_ups import SqlWrapUps


class SqlTransaction(UnitOfWork):
    """All that can be asked of the database in one transaction; each repository is made when it is
    first asked for. Implements services.ports.Transaction, which the store in memory implements,
    too."""

    @cached_property
    def requests(self) -> SqlRequests:
        return SqlRequests(self)

    @cached_property
    def line(self) -> SqlLine:
        return SqlLine(self)

    @cached_property
    def work(self) -> SqlWork:
        return SqlWork(self)

    @cached_property
    def wishes(self) -> SqlWishes:
        return SqlWishes(self)

    @cached_property
    def attempts(self) -> SqlAttempts:
        return SqlAttempts(self)

    @cached_property
    def limits(self) -> SqlLimits:
        return SqlLimits(self)

    @cached_property
    def suppressions(self) -> SqlSuppressions:
        return SqlSuppressions(self)

    @cached_property
    def holds(self) -> SqlHolds:
        return SqlHolds(self)

    @cached_property
    def servers(self) -> SqlServers:
        return SqlServers(self)

    @cached_property
    def trail(self) -> SqlTrail:
        return SqlTrail(self)

    @cached_property
    def alarms(self) -> SqlAlarms:
        return SqlAlarms(self)

    @cached_property
    def alarm_notices(self) -> SqlAlarmNotices:
        return SqlAlarmNotices(self)

    @cached_property
    def messages(self) -> SqlMessages:
        return SqlMessages(self)

    @cached_property
    def team_links(self) -> SqlTeamLinks:
        return SqlTeamLinks(self)

    @cached_property
    def team_notes(self) -> SqlTeamNotes:
        return SqlTeamNotes(self)

    @cached_property
    def consoles(self) -> SqlConsoles:
        return SqlConsoles(self)

    @cached_property
    def offers(self) -> SqlOffers:
        return SqlOffers(self)

    @cached_property
    def wrap_ups(self) -> SqlWrapUps:
        return SqlWrapUps(self)

    @cached_property
    def queue_members(self) -> SqlQueueMembers:
        return SqlQueueMembers(self)

    @cached_property
    def member_orders(self) -> SqlMemberOrders:
        return SqlMemberOrders(self)

    @cached_property
    def accounts(self) -> SqlAccounts:
        return SqlAccounts(self)

    @cached_property
    def sessions(self) -> SqlSessions:
        return SqlSessions(self)

    @cached_property
    def board(self) -> SqlBoard:
        return SqlBoard(self)

    @cached_property
    def reports(self) -> SqlReports:
        return SqlReports(self)
