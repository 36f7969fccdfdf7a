"""Continuous batching: the one implementation of ``Engine``, over any ``Runner``."""

from appliance.engines.scheduler.scheduler import Scheduler

__all__ = ["Scheduler"]
