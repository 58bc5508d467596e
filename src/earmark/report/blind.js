// Blind A/B of two runs: the tasks that both have a sound for, in random order and on random sides.
// The votes are saved as JSON, which `earmark votes` reads.
function drawBlind() {
  const options = () => tierRuns().map((run) => make("option", { value: run.id }, run.label));
  by("blind-a").replaceChildren(...options());
  by("blind-b").replaceChildren(...options());
  if (tierRuns().length > 1) by("blind-b").selectedIndex = 1;
  by("blind").hidden = by("to-blind").hidden = tierRuns().length < 2;
  by("blind-round").hidden = by("blind-result").hidden = true;
}

const runOf = (id) => tierRuns().find((run) => run.id === id);

function pairs(a, b) {
  const playable = (id) => runOf(id).attempts.filter((one) => one.picked && mediaOf(one).audio);
  const byEpisode = (id) => new Map(playable(id).map((one) => [`${one.task.id}\n${one.sample}`, one]));
  const [ours, theirs] = [byEpisode(a), byEpisode(b)];
  return [...ours.keys()].filter((name) => theirs.has(name)).map((name) => [ours.get(name), theirs.get(name)]);
}

by("blind-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const rounds = pairs(by("blind-a").value, by("blind-b").value).map((pair) => (Math.random() < 0.5 ? pair : [pair[1], pair[0]]));
  for (let at = rounds.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [rounds[at], rounds[other]] = [rounds[other], rounds[at]];
  }
  close();
  state.blind = { runs: [by("blind-a").value, by("blind-b").value], rounds, votes: [] };
  nextRound();
});

function nextRound() {
  const { rounds, votes } = state.blind;
  const over = votes.length >= rounds.length;
  by("blind-round").hidden = over;
  by("blind-result").hidden = !over;
  by(over ? "blind-result" : "blind-round").scrollIntoView({ block: "center" });
  if (over) { tally(); return; }
  by("blind-caption").textContent = rounds[votes.length][0].task.caption;
  by("blind-count").textContent = `${votes.length + 1} of ${rounds.length}`;
}

function vote(choice) {
  player.pause();
  const [x, y] = state.blind.rounds[state.blind.votes.length];
  const better = choice === "x" ? x.run.id : choice === "y" ? y.run.id : null;
  state.blind.votes.push({ task: x.task.id, sample: x.sample, x: x.run.id, y: y.run.id, better });
  nextRound();
}

function tally() {
  const { runs: [a, b], votes } = state.blind;
  const label = (id) => runOf(id).label;
  const count = (id) => votes.filter((one) => one.better === id).length;
  by("blind-verdict").textContent = votes.length
    ? `${label(a)}: ${count(a)} · ${label(b)}: ${count(b)} · no difference: ${count(null)}`
    : "There is no task for which both have a sound; choose another pair.";
  const rater = by("blind-rater").value.trim() || undefined; // left out where there is no name
  const file = { sweep: data.folder, runs: { [a]: label(a), [b]: label(b) }, rater, votes };
  by("votes-file").href = `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(file, null, 1))}`;
}
["x", "y"].forEach((side, at) => {
  by(`play-${side}`).addEventListener("click", () => play(mediaOf(state.blind.rounds[state.blind.votes.length][at])));
  by(`vote-${side}`).addEventListener("click", () => vote(side));
});
by("vote-tie").addEventListener("click", () => vote("tie"));
by("blind-stop").addEventListener("click", () => { player.pause(); by("blind-round").hidden = true; by("blind-result").hidden = false; tally(); });
const BLIND_KEYS = { 1: "play-x", 2: "play-y", x: "vote-x", y: "vote-y", n: "vote-tie" };
document.addEventListener("keydown", (event) => {
  const typing = ["INPUT", "SELECT"].includes(document.activeElement?.tagName);
  if (typing || event.ctrlKey || event.metaKey || event.altKey || by("blind-round").hidden) return;
  const pressed = BLIND_KEYS[event.key.toLowerCase()];
  if (pressed) by(pressed).click();
});
