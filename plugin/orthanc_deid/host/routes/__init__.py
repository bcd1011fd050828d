"""The REST routes: `/deidentify/...`, and the routes of patients, studies, series and instances."""
