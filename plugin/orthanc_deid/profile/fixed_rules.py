"""The rules that are the same in every profile: of the structure, the pseudonyms, private elements and overlays."""

from __future__ import annotations

from orthanc_deid.dicom.tags import PATIENT_ID, PATIENT_NAME
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.rule import Manner, Rule

PSEUDONYM = "pseudonym"
PATIENT = {
    PATIENT_ID: Rule(Action.D, PSEUDONYM, manner=Manner.PATIENT_ID),
    PATIENT_NAME: Rule(Action.D, PSEUDONYM, manner=Manner.PATIENT_NAME),
}
PRIVATE_BY_CREATOR = Rule(Action.C, "private", manner=Manner.PRIVATE)
CHARACTER_SET = Rule(Action.K, "structure", manner=Manner.CHARACTER_SET)
SOP_CLASS = Rule(Action.K, "structure")
DROPPED = Rule(Action.X, "structure")
OVERLAY_GONE = Rule(Action.X, "Basic Profile")
STAMPED = Rule(Action.X, "stamp")
OUT_OF_PLACE = Rule(Action.X, "samples out of place")
DATE_IN_PLACE = Rule(Action.C, "profile: dates")
