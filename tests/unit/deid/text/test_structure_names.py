"""Names of structures: those of AAPM TG-263 stay whole, others are replaced whole; none is cut."""

from __future__ import annotations

import pytest

from orthanc_deid.deid.text.structure_names import is_structure_name, replaced_name
from support.data.hand_made import KEY

TG_263 = [
    "A_Aorta",
    "A_Carotid_L",
    "Bag_Bowel",
    "Bladder",
    "Body",
    "Bone_Mandible",
    "Bowel_Small",
    "BrachialPlex_R",
    "Brain",
    "Brainstem_PRV03",
    "BuccalMucosa",
    "Canal_Anal",
    "Cartlg_Thyroid",
    "CaudaEquina",
    "Cavity_Oral",
    "Chestwall_L",
    "Cochlea_R",
    "Colon_Sigmoid",
    "CribriformPlate",
    "CTVn_L",
    "CTVsb",
    "Duodenum",
    "E-PTV_EVAL_20",
    "Esophagus",
    "Eye_L",
    "Femur_Head_R",
    "Glnd_Lacrimal_L",
    "Glnd_Submand_R",
    "Glnd_Thyroid",
    "Glottis",
    "GTVp",
    "GTVn_L",
    "GTVp1",
    "Hippocampus_L",
    "ITV",
    "Kidney_Cortex_R",
    "Kidneys",
    "Larynx",
    "Lens_R",
    "Lips",
    "Liver",
    "LN_Neck_IB_L",
    "Lobe_Temporal_L",
    "Lung_L",
    "Lungs-GTV",
    "Musc_Constrict_S",
    "Nrv_Brachial",
    "OpticChiasm",
    "OpticNrv_L",
    "Palate_Soft",
    "Parotid_L",
    "PenileBulb",
    "Pituitary",
    "Prostate",
    "PTV",
    "PTV_6000",
    "PTVp_High",
    "PTV!_5040",
    "Rectum",
    "SeminalVes",
    "SmallBowel",
    "SpinalCanal",
    "SpinalCord",
    "SpinalCord_PRV05",
    "Spc_Bowel",
    "Stomach",
    "Trachea",
    "Urethra",
    "Uterus",
    "V_Venacava_I",
    "VB_T12",
    "Boost1",
    "Lung_Ipsi",
    "z_Ring",
]


@pytest.mark.parametrize("name", TG_263)
def test_standard_names_stay(name: str) -> None:
    assert is_structure_name(name)


@pytest.mark.parametrize(
    "name", ["Petrovskaya", "GTV_Ivanov", "Lung_79161234567", "PTV Dr. Kestrel", "IVANOVGTV"]
)
def test_a_name_with_an_unknown_word_does_not_stay(name: str) -> None:
    assert not is_structure_name(name)


def test_replaced_names_are_distinct_stable_and_fit_their_vr() -> None:
    names = [f"Structure {number}" for number in range(500)]
    replaced = [replaced_name(name, KEY) for name in names]
    assert len(set(replaced)) == len(names)
    assert replaced == [replaced_name(name, KEY) for name in names]
    assert all(len(name) <= 16 and name[2:].isalpha() for name in replaced)
