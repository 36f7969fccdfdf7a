"""Which JSON schemas a client may have an answer kept to.

A schema is a program that somebody else wrote: it is read here, bounded in everything that can grow, and
written anew with nothing in it but what is known. Whether it can be compiled, the preparer finds out.
"""

from appliance.policy.schemas.linting import check_schema
from appliance.policy.schemas.tools import check_tool_name, check_tool_parameters

__all__ = ["check_schema", "check_tool_name", "check_tool_parameters"]
