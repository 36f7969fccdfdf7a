"""How many requests and tokens each person may have: per minute, per day, at once.

Tokens are taken when a request is planned, as many as it can use at most, and what it did not use is given
back when it ends. So nobody gets past a limit by asking for much at once.
"""

from appliance.services.allowance.allowance import Allowance, Rules, Taken
from appliance.services.allowance.days import DayTally

__all__ = ["Allowance", "DayTally", "Rules", "Taken"]
