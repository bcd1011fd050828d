"""Errors in texts that stay: those that a profile retains, technical ones, codes."""

from __future__ import annotations

from faults.mutation_originals import ct
from faults.mutations import Mutation, code
from faults.mutations_of_rules import RESEARCH
from orthanc_deid.deid import plan
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.compile import Level
from orthanc_deid.profile.model import AttributeRule, Profile
from orthanc_deid.profile.private_rules import PrivateRules

STATION, LOCATION = 0x00081010, 0x00400011
KEEPING = Profile(name="keeping", attributes=(AttributeRule(attribute="PatientComments", action=Action.K),))

RETAINED = (
    Mutation(
        "does not search the texts that an option retains",
        code(Level._retained, ("vr in vr_kinds.SEARCHED", "vr == 'CS'")),
        ct((STATION, "SH", "CT of Tarn")),
        RESEARCH,
        "person found (0008,1010)",
    ),
    Mutation(
        "does not search the texts that a rule of the site retains",
        code(Level._explicitly, ("else self._retained(tag, vr, name)", "else Rule(action, name)")),
        ct((0x00104000, "LT", "seen by Tarn")),
        KEEPING,
        "person found (0010,4000)",
    ),
    Mutation(
        "takes the location of a device for a place that it may name",
        code(plan._retained, ('return "" if', "return kind if")),
        ct((LOCATION, "SH", "Kestrelmoor 2")),
        RESEARCH,
        "place found (0040,0011)",
    ),
    Mutation(
        "does not search a private text that a rule of the site retains",
        code(PrivateRules.rule, ("vr in vr_kinds.SEARCHED", "False")),
        ct((0x00190010, "LO", "KESTREL MR"), (0x00191010, "LO", "by Tarn")),
        Profile(
            name="keeping",
            attributes=(AttributeRule(attribute='(0019,xx10) "KESTREL MR"', action=Action.K),),
        ),
        "person found (0019,1010)",
    ),
)

KEPT_TEXTS = RETAINED
