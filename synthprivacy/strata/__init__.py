"""Who is at risk: the unusual people, and the groups that somebody declared."""

from synthprivacy.results.strata import OUTLIERS
from synthprivacy.strata.answers import restricted
from synthprivacy.strata.groups import LEAST, MISSING, OTHERS, UNUSUAL, Group, Stratum, groups_of, strata_of
from synthprivacy.strata.population import population_risks
from synthprivacy.strata.records import Keep, Records, path_of, records_of
from synthprivacy.strata.stratified import deciles, stratified
from synthprivacy.strata.vulnerability import Vulnerability, vulnerability

__all__ = [
    "LEAST",
    "MISSING",
    "OTHERS",
    "OUTLIERS",
    "UNUSUAL",
    "Group",
    "Keep",
    "Records",
    "Stratum",
    "Vulnerability",
    "deciles",
    "groups_of",
    "path_of",
    "population_risks",
    "records_of",
    "restricted",
    "strata_of",
    "stratified",
    "vulnerability",
]
