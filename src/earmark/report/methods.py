"""The methods and limits that stand at the end of every report."""

METHODS = (
    "What counts. An episode is a task and a sample; the strategy picks the attempt that counts. "
    "A failed episode counts as the floor (the mean of white noise) by the text-audio score, and "
    "as 0 by shares. A valid clip counts as at least the floor.",
    "Intervals. Tasks are the clusters. Means have the skewness-corrected t interval of Willink "
    "(2005), baselines and runs alike; simulated coverage is 93 to 97 % at 8 tasks and more, 92 to "
    "98 % at 5. Below 3 tasks there is none.",
    "Differences. Runs are compared task by task. p-values are of sign flips of whole tasks, exact "
    "up to 12 tasks, and controlled within the family by step-down max-t (Romano and Wolf 2005); "
    "Holm's are the check. Families are all pairs, all main effects and all interactions, for each "
    "metric of each tier. Below 6 tasks there is no test.",
    "Verdicts. Decisive: the family-wise p is at most 0.05. Ruled out beyond ±d: the simultaneous "
    "interval lies within ±d. Not decided: neither; the sizes named give power 0.8.",
    "Places. A rank set holds every place that a run may have; all sets of a table hold together "
    "with 95 % (Mogstad, Romano, Shaikh and Wilhelm 2024).",
    "Effects are matched contrasts: runs that agree in every other swept setting are compared and "
    "the differences averaged. Baselines are left out where there are other runs.",
    "The trend compares tiers by Welch's t on task means; floor and expert are tasks' own, so "
    "their uncertainty is carried along. A fall at every step is the intersection of the one-sided "
    "tests (Berger 1982).",
    "pass@k is the unbiased estimator of Chen et al. (2021). Best-of-k selects by spec checks and "
    "evaluates by the text-audio score.",
    "What people prefer. Strengths are Bradley and Terry's (1952), with ties as Davidson (1970); "
    "intervals are a cluster jackknife over tasks, and over raters from 3 on. Ratings of two runs "
    "by one rater on one task and sample count as a vote. A metric agrees with a vote where the "
    "preferred sound has the higher score.",
    "FAD is shown at the largest number of clips that all runs of a table have, next to what as "
    "many recordings get (the null floor) and the ratio; an asterisk marks a rank-deficient "
    "covariance. It is no headline: a run has one of it, so no difference of two can be tested.",
)
LIMITS = (
    "Tasks stand for tasks like them; another tier or another choice of tasks is another question.",
    "Each tier and each metric has an error rate of its own: with three tiers, one false decisive "
    "verdict is to be expected in about 14 % of sweeps without any effect.",
    "A text-audio score agrees with listeners only weakly. Read it with the spec checks, and "
    "listen. A stand-in's scores are not CLAP's.",
    "Associations of technique and outcome are within one task and run, yet not causes.",
    "Cost and seconds are what this sweep spent, with no interval; the front is that of the means.",
    "Episodes without a score are left out: a task counts where every run has a score on it.",
)
