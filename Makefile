.DEFAULT_GOAL := help
.PHONY: help run test check bench

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run: ## start Orthanc with the plugin here; installs what is missing (HTTP_PORT, DICOM_PORT, DATA_DIR, OUTPUT_DIR)
	@scripts/run.sh

test: ## install what the tests need and run all of them
	@scripts/test.sh

check: ## format, lint, types and unit tests, in under a minute
	@scripts/check.sh

bench: ## measure, beside other tools, on this machine
	@scripts/bench.sh
