# Everything that a fresh clone needs: `make demo`, `make test`, `make lint`.

PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# pip shows its progress on a terminal, and is quiet in a pipe.
QUIET = $(shell test -t 2 || echo -qq)

# Compile the code once, not again in each process of a test.
unexport PYTHONDONTWRITEBYTECODE
# One thread per test worker: more would only wait for each other.
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format style types imports check-corpus judge-model bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(READY) ## Make .venv with Kairos, its model and the tools

# The stamp is newer than the files that determine the packages, so a second run installs nothing.
$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV), once; this downloads up to 2 GB and takes some minutes."
	@$(BIN)/python -m pip install $(QUIET) --disable-pip-version-check -c constraints.txt -e '.[model,dev]'
	@touch $@

demo: $(READY) ## Dream on a copy of examples/memory, look at it, undo it
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/demo.sh

test: $(READY) ## Run all tests; WORKERS=0 runs them in one process
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

lint: style types imports ## Style, types and the direction of imports

style: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

format: $(READY) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only .

check-corpus: $(READY) ## Dream on copies of all directories in FOLDER, twice, and undo; FOLDER="one other"
	$(BIN)/python scripts/check_corpus.py $(or $(FOLDER),examples)

INFERENCE ?= inference.jsonl.gz
FAMILIES ?= training/families
DOCUMENTS ?= training/documents
PLACED ?= --directories 1 training/placed/natural --directories 3 training/placed/dense
WORK ?= $(HOME)/.cache/kairos-training
TRAIN_SECONDS ?= 5400
SHORT_SECONDS ?= 3300
MINILM = $$($(BIN)/python -c 'from kairos.ml.model_files import find_model; print(find_model().directory)')
TRAIN = $(BIN)/python -m training.train --inference $(INFERENCE) --families $(FAMILIES) --documents $(DOCUMENTS) $(PLACED) --model $(MINILM) --work $(WORK)

judge-model: $(READY) ## Train the judge model anew; see training/README.md
	$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[training]'
	$(TRAIN) --general 2 900 --special 1000 $(TRAIN_SECONDS) --short 1000 $(SHORT_SECONDS) --slices 16 --consistency 0 --dropout 0 --rate 1.4e-4 --tokens 3072
	$(BIN)/python -m training.export --weights $(WORK)/judge.pt --model $(MINILM) --families $(FAMILIES) --out kairos/ml/judge_model
	$(BIN)/python -m training.fit_judge --families $(FAMILIES) --documents $(DOCUMENTS) --model kairos/ml/judge_model --cache $(WORK)/vectors.db --out kairos/core/judgement/weights_with_model.py
	$(BIN)/ruff format -q kairos/core/judgement/weights_with_model.py

FURTHER = $(BIN)/python -m training.further --shipped kairos/ml/judge_model --inference $(INFERENCE) --families $(FAMILIES) --documents $(DOCUMENTS) $(PLACED) --model $(MINILM) --work $(WORK)

.PHONY: judge-model-further
judge-model-further: $(READY) ## Train the judge model further, mostly on the families in NEW="FILE …"
	$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[training]'
	$(FURTHER) --part 6 $(NEW) --share 0.5
	$(BIN)/python -m training.export --weights $(WORK)/judge.pt --model $(MINILM) --families $(FAMILIES) --out kairos/ml/judge_model
	$(BIN)/python -m training.fit_judge --families $(FAMILIES) --documents $(DOCUMENTS) --model kairos/ml/judge_model --cache $(WORK)/vectors.db --out kairos/core/judgement/weights_with_model.py
	$(BIN)/ruff format -q kairos/core/judgement/weights_with_model.py

.PHONY: judge-in-root
judge-in-root: $(READY) ## Fit the weights for pairs of a root; OTHERS="ROOT …" are directories with next to nothing to do
	$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[training]'
	$(BIN)/python -m training.fit_root --directories training/directories --families $(FAMILIES) --others $(OTHERS) --out kairos/core/judgement/weights_in_root.py
	$(BIN)/ruff format -q kairos/core/judgement/weights_in_root.py

bench: $(READY) ## Time a first dream, a second one and `kairos status`
	$(BIN)/python bench/dream_time.py

# With all cores, as for a user: the limit of one thread is for test workers.
.PHONY: bench-speed
bench-speed: $(READY) ## Measure dreams of all sizes beside other programs; SPEED="--sizes 200,2000 --json FILE"
	@env -u OMP_NUM_THREADS $(BIN)/python -m bench.speed $(SPEED)

.PHONY: bench-daemon
bench-daemon: $(READY) ## Measure the idle daemon: start, memory, CPU time, latency, `kairos status`
	@PYTHONPATH=service $(BIN)/python -m bench.daemon $(DAEMON)

.PHONY: soak
soak: $(READY) ## Run the daemon with everything going wrong; MINUTES=30 ROOTS=200
	@PYTHONPATH=service $(BIN)/python -m scripts.soak --minutes $(or $(MINUTES),30) --roots $(or $(ROOTS),200) $(SOAK)

.PHONY: quality
quality: $(READY) ## Measure the judgement on gold pairs in GOLD=FILE.jsonl, and on directories in DIRS=FOLDER
	@$(BIN)/python -m bench.quality $(GOLD) $(if $(DIRS),--dirs $(DIRS)) $(QUALITY)

.PHONY: altered
altered: $(READY) ## Judge paraphrases that are altered in one place, of FAMILIES="FILE.jsonl …"
	@$(BIN)/python -m bench.altered $(or $(FAMILIES),training/families/*.jsonl) $(ALTERED)

.PHONY: crowds
crowds: $(READY) ## Dream over roots full of look-alikes, made of FAMILIES="FILE.jsonl …"
	@$(BIN)/python -m bench.crowds $(or $(FAMILIES),training/families/*.jsonl) $(CROWDS)

.PHONY: directories
directories: $(READY) ## Dream over labelled directories and count what the dreams do; DIRECTORIES="FILE.json …"
	@$(BIN)/python -m bench.directories $(or $(DIRECTORIES),training/directories/*.json training/untouched/*.json) $(SCORES)

PROOFS := prove-crash prove-faults prove-writer prove-machine prove-growth prove-fuzz prove-linear prove-recall check-corpus
.PHONY: prove $(PROOFS)
prove: $(READY) ## The long form of the proofs in docs/reliability.md, two at a time; well under an hour
	@scripts/prove.sh $(PROOFS)

# Kills and torn writes at every call that changes a disk, in a dream, its undo and their recoveries.
prove-crash: $(READY)
	KAIROS_PROVE=1 $(BIN)/python -m pytest -q -s -n 0 tests/fault/test_crash_anywhere.py

# The same with every call failing, reading ones too: full, over the quota, broken, read-only, no descriptors.
prove-faults: $(READY)
	KAIROS_PROVE=1 $(BIN)/python -m pytest -q -s -n 0 tests/fault/test_failing_calls.py

OPERATIONS ?= 10000
# A live agent beside dreams that are killed now and then, and RACES of writes for one file.
prove-writer: $(READY)
	KAIROS_PROVE_OPERATIONS=$(OPERATIONS) KAIROS_PROVE_RACES=$(or $(RACES),2000) $(BIN)/python -m pytest -q -s -n 0 tests/fault/test_live_writer.py

# Everything that can happen, in any order; the SEED that it prints repeats a run.
prove-machine: $(READY)
	KAIROS_PROVE_MINUTES=$(or $(MINUTES),5) KAIROS_PROVE_SEED=$(SEED) $(BIN)/python -m pytest -q -s -n 0 tests/property/test_machine.py

# How large the state is after many dreams.
prove-growth: $(READY)
	KAIROS_PROVE_DREAMS=$(or $(DREAMS),1000) $(BIN)/python -m pytest -q -s -n 0 tests/property/test_growth.py

# Mutated bytes for every reader, for so many minutes of processor time, or until there were COUNT executions.
prove-fuzz: $(READY)
	$(BIN)/python -m tests.fuzz.driver --minutes $(or $(MINUTES),$(if $(COUNT),600,5)) $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

# Notes with 80,000 items, links, days and so on, in time linear in their size; a dream over the largest, in bounded memory.
prove-linear: $(READY)
	KAIROS_LINEAR_SCALE=100 $(BIN)/python -m pytest -q -s -n 0 --timeout 3000 tests/fuzz/test_linear.py tests/fuzz/test_bounds.py

# Copies of the directories in FOLDER (or several folders) are searched before and after a dream.
prove-recall: $(READY)
	$(BIN)/python scripts/check_recall.py $(or $(FOLDER),examples)

clean: ## Remove what make made
	rm -rf $(VENV) .demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find kairos service tests scripts bench training -name __pycache__ -type d -prune -exec rm -rf {} +
