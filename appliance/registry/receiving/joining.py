"""The desk with everybody who takes messages."""

from collections.abc import Sequence

from appliance.domain.clock import Clock
from appliance.registry.about import About
from appliance.registry.leasing.countersigning import Countersigning
from appliance.registry.leasing.issuing import Issuing
from appliance.registry.leasing.statuses import StatusLists
from appliance.registry.receiving.application_messages import ApplicationMessages
from appliance.registry.receiving.check_answers import CheckAnswers
from appliance.registry.receiving.deletion_messages import DeletionMessages
from appliance.registry.receiving.desk import Desk
from appliance.registry.receiving.lease_requests import LeaseRequests
from appliance.registry.receiving.letters import LetterMessages
from appliance.registry.receiving.ports import Handler
from appliance.registry.receiving.rates import ADDRESS, BOX, Rate
from appliance.registry.receiving.rotating import Rotating
from appliance.registry.receiving.syncing import Receiving, Syncing
from appliance.registry.receiving.usage_batches import HeadRequests, UsageBatches
from appliance.registry.signing import Signers
from appliance.registry.store.database import Database


def open_desk(
    database: Database,
    signers: Signers,
    about: About,
    clock: Clock,
    *,
    others: Sequence[Handler] = (),
    box_rate: Rate = BOX,
    address_rate: Rate = ADDRESS,
) -> Desk:
    """``others`` take kinds that need more than the database, such as listings. Raises
    ``StorageUnavailable``.
    """
    lists = StatusLists(signers, about)
    handlers: tuple[Handler, ...] = (
        Rotating(about),
        Syncing(about, lists),
        Receiving(),
        LeaseRequests(about, Issuing(about), lists),
        ApplicationMessages(Countersigning(about)),
        UsageBatches(about),
        HeadRequests(about),
        CheckAnswers(),
        DeletionMessages(),
        LetterMessages(about),
        *others,
    )
    return Desk(database, signers, about, clock, handlers, box_rate=box_rate, address_rate=address_rate)
