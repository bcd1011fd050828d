"""The parts of PS3.15 and PS3.3 that de-identification needs, as data; `SOURCE.md` says where they come from.

`confidentiality_rows` (PS3.15 Table E.1-1), `attribute_types` (Types by IOD, PS3.3), `private_attributes` (PS3.15
Table E.3.10-1), `reviews` (lists of this project), `medical_words` (the vocabulary); `tables` names them all.
"""
