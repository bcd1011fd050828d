.DEFAULT_GOAL := help
.PHONY: help run test check bench

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run: ## start Orthanc with the plugin here; installs what is missing (HTTP_PORT, DICOM_PORT, DATA_DIR, OUTPUT_DIR)
	@scripts/run.sh

test: ## install what the tests need and run all of them
	@scripts/test.sh

check: ## format, lint, types, length of files, and unit tests
	@scripts/check.sh

bench: ## measure beside other tools on this machine (ARGS, e.g. "--against FOLDER")
	@scripts/bench.sh $(ARGS)
