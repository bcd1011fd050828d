"""Words that name no place: of medicine, of the standard itself, and what nearly every hospital is called by."""

from __future__ import annotations

import re
from functools import cache

from pydicom._dicom_dict import DicomDictionary

from orthanc_deid.standard.tables import defined_terms
from orthanc_deid.standard.words import medical_words
from orthanc_deid.verify.letters import plain

_FEWEST_LETTERS = 4
_LETTERS = re.compile(r"[^\W\d_]+")

_OF_HOSPITALS = """
academic ambulance ambulatory associates building campus care cardiology centers central centre centres charity
children childrens city clinic clinical clinics college community company county department diagnostics dispensary
district division east eastern emergency faculty federal floor foundation general group health healthcare hospital
hospitals house imaging infirmary institute institution international laboratory limited main maternity medical
medicine memorial ministry municipal national nord north northern nuclear office oncology orthopedic outpatient
paediatric partners pediatric physicians polyclinic practice primary private public radiological radiology railway
regional rehabilitation republic research room school science sciences service services saint society south southern
specialists state street surgery surgical system systems teaching town trauma traumatology tuberculosis unit united
university ward west western women womens
krankenhaus klinik klinikum klinische universität universitätsklinikum praxis radiologie zentrum institut
hôpital clinique centre hospitalier universitaire service imagerie médicale
больница больницы больнице бюджетное бюджетная бюджетный ведомственная военный врачебная высшее городская городской
государственная государственное государственный госпиталь детская детский диспансер диагностики диагностический
диагностическая департамент здравоохранения имени институт институте кабинет казенное казённое клиника клиники
клиническая клинический корпус краевая краевой лаборатория лечебно лучевой медицинская медицинский медицинского
медицинское министерство муниципальная муниципальное научно научный национальный областная областной общество
онкологический онкологическая отдел отделение отделения отделении ответственностью ограниченной палата поликлиника
поликлиники поликлиническое помощи помощь профилактическое противотуберкулезный противотуберкулёзный районная
районный регионарный рентген рентгенологии рентгенологическое рентгеновский рентгеновское республиканская
республиканский родильный российский российская скорой служба стационар туберкулезный туберкулёзный университет
университетская учреждение учреждения федеральное федеральный федеральная филиал флюорографии центр центра центральная
центральный частное частная экспертизы
"""


@cache
def ordinary_words() -> frozenset[str]:
    """Return the words in plain lower case: of medicine, attribute names, defined terms, institutions in general."""
    texts = [entry[2] for entry in DicomDictionary.values()]
    texts += [term.replace("_", " ") for term in defined_terms()]
    words = {word for text in (*texts, _OF_HOSPITALS) for word in _LETTERS.findall(plain(text))}
    return medical_words().union(word for word in words if len(word) >= _FEWEST_LETTERS)
