"""`earmark evolve`: let a model reword the prompt, under a search's objective, and confirm it."""

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from earmark import paths
from earmark.analysis.scores import picks
from earmark.analysis.summary import pick_keys
from earmark.config.compose import compose, run_name
from earmark.config.factory import build_parts, design_of, model_of, tasks_of
from earmark.config.preflight import preflight
from earmark.config.schema import PromptConfig, RunConfig
from earmark.errors import ConfigError, HarnessError, printable
from earmark.pipeline import Design, Parts
from earmark.records import Message, Request, Run, Sampling
from earmark.report.table import align
from earmark.run import run_episodes, tier_baselines
from earmark.storage.atomic import write_text
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.launch import refuse_secrets, run_configs
from earmark.sweep.plan import plan
from earmark.sweep.session import session
from earmark.tuning.confirm import Candidate, conclude, confirm
from earmark.tuning.evolve import Answered, Evolved, Texts, diff, evolve, prompt_yaml
from earmark.tuning.objectives import DIRECTIONS, by_task

PROPOSER_TOKENS = 4096
