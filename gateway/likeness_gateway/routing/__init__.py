"""Choosing who renders: tiers, pools, licences, estimates and prices. Pure functions of what they are given."""

from likeness_gateway.routing.route import Candidate, Pool, Rejection, Route, assess, route, unavailable_reason
from likeness_gateway.routing.tiers import TIERS, TierRow

__all__ = ["TIERS", "Candidate", "Pool", "Rejection", "Route", "TierRow", "assess", "route", "unavailable_reason"]
