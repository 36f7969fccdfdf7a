"""Requests that wait for a model: whose turn it is, who may wait, and what they are told."""

from appliance.services.queue.dispatch import DispatchQueue, Share
from appliance.services.queue.limits import QueueLimits
from appliance.services.queue.line import Choose, LineState, most_free
from appliance.services.queue.place import Place

__all__ = ["Choose", "DispatchQueue", "LineState", "Place", "QueueLimits", "Share", "most_free"]
