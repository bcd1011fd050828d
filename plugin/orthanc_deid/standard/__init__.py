"""The parts of PS3.15 and PS3.3 that de-identification needs, as data; `SOURCE.md` says where they come from.

Import from the modules: `tables` (Table E.1-1), `types` (attribute Types by IOD), `private` (Table E.3.10-1) and
`reviews` (this project's own lists).
"""
