"use strict";
// Draws the page from the JSON of #data, which page.py writes; baselines.js and blind.js follow in
// the same script. Texts of models are only ever set as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const player = by("player");
const AXES = [...new Set(data.groups.flatMap((one) => one.runs.flatMap((run) => Object.keys(run.axes))))];
const state = { tier: 0, off: {}, outcome: "all", words: "", blind: null };
AXES.forEach((axis) => { state.off[axis] = new Set(); });

function make(tag, settings = {}, ...inside) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...inside.filter((one) => one !== null && one !== undefined));
  return node;
}
const digits = (value, count = 3) => (value === null || value === undefined ? "–" : value.toFixed(count));
const group = () => data.groups[state.tier];
const runs = () => group().runs.filter((run) => AXES.every((axis) => !state.off[axis].has(String(run.axes[axis]))));
const key = (run, task) => `${run}\n${task}`;

const attemptsOf = new Map();
for (const one of data.attempts) {
  const name = key(one.run, one.task);
  if (!attemptsOf.has(name)) attemptsOf.set(name, []);
  attemptsOf.get(name).push(one);
}
const pickOf = (attempts) => attempts.find((one) => one.picked && one.valid) || attempts.find((one) => one.picked) || attempts[0];

function drawHead() {
  by("title").textContent = data.title;
  by("about").textContent = data.about;
  by("verdict-brief").replaceChildren(...data.brief.map((line) => make("p", {}, line)));
  by("verdict-whole").replaceChildren(...data.verdict.map((line) => make("p", {}, line)));
  by("verdict").hidden = !data.verdict.length;
  by("tiers").replaceChildren(...data.groups.map((one, at) => make("button", {
    role: "tab", "aria-selected": String(at === state.tier), onclick: () => { state.tier = at; close(); draw(); },
  }, one.title)));
  by("notice").hidden = !group().notice;
  by("notice").textContent = group().notice || "";
  by("ranking-title").textContent = `Ranking: ${group().title}`;
}

function drawFilters() {
  const sets = AXES.map((axis) => {
    const values = [...new Set(group().runs.map((run) => String(run.axes[axis])))];
    values.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    if (values.length < 2) return null;
    return make("fieldset", {}, make("legend", {}, axis), ...values.map((value) => {
      const box = make("input", { type: "checkbox", "data-axis": axis, value, onchange: () => {
        state.off[axis][box.checked ? "delete" : "add"](value); drawBody();
      } });
      box.checked = !state.off[axis].has(value);
      return make("label", {}, box, ` ${value}`);
    }));
  });
  const outcome = make("select", { id: "outcome", onchange: () => { state.outcome = outcome.value; drawMatrix(); } },
    ...["all", "valid", "failed"].map((value) => make("option", { value }, value)));
  outcome.value = state.outcome;
  const words = make("input", { id: "words", type: "search", placeholder: "task or caption", oninput: () => { state.words = words.value; drawMatrix(); } });
  words.value = state.words;
  by("filters").replaceChildren(...sets.filter(Boolean), make("label", {}, "show ", outcome), make("label", {}, "find ", words));
}

function scale() {
  const baselines = group().baselines ? group().baselines.rows : [];
  const ends = [...group().runs, ...baselines].flatMap((one) => [one.low ?? one.mean, one.high ?? one.mean]).filter((value) => value !== null && value !== undefined);
  return [Math.min(...ends), Math.max(...ends), baselines.filter((one) => one.end && one.mean !== null).map((one) => one.mean)];
}

function interval(run, [low, high, marks]) {
  if (run.mean === null) return make("span", {}, "–");
  const across = (value) => `${(100 * (value - low)) / (high - low || 1)}%`;
  const span = make("span", { class: "interval", role: "img", "aria-label": `${digits(run.mean)}, between ${digits(run.low)} and ${digits(run.high)}` });
  if (run.low !== null) {
    const line = make("i");
    line.style.left = across(run.low);
    line.style.width = `${(100 * (run.high - run.low)) / (high - low || 1)}%`;
    span.append(line);
  }
  for (const mark of marks) {
    const line = make("u");
    line.style.left = across(mark);
    span.append(line);
  }
  const dot = make("b");
  dot.style.left = across(run.mean);
  span.append(dot);
  return span;
}

function drawRanking() {
  const shown = runs();
  const across = scale();
  const head = ["rank", "run", `${group().metric}, failures at the floor`, "mean", "valid only", "± se", "valid", ...group().fad, "cost $"];
  const rows = shown.map((run) => make("tr", {},
    make("td", {}, run.best_rank === run.worst_rank ? String(run.best_rank) : `${run.best_rank}–${run.worst_rank}`),
    make("td", { class: "name", title: run.label }, run.short), make("td", {}, interval(run, across)),
    ...[digits(run.mean), digits(run.score), digits(run.se), run.valid_rate === null ? "–" : `${Math.round(100 * run.valid_rate)}%`,
      ...run.fad.map((text) => text || "–"), digits(run.cost, 4)].map((text) => make("td", {}, text))));
  by("ranking").replaceChildren(make("thead", {}, make("tr", {}, ...head.map((text, at) => make("th", { scope: "col", class: at === 1 ? "name" : "" }, text)))), make("tbody", {}, ...rows));
  by("order-warning").hidden = !group().order_warning;
  by("order-warning").textContent = group().order_warning ? `Do not rely on this order: ${group().order_warning}.` : "";
  by("ranking-note").textContent = [
    group().same ? `The same in all: ${group().same}.` : null,
    group().rank_note,
    group().fad_note ? `${group().fad_note[0].toUpperCase()}${group().fad_note.slice(1)}.` : null,
    group().baselines ? "Dotted lines: floor and expert, see the baselines." : null,
    "–: not scored; the run's tags in MLflow say why.",
  ].filter(Boolean).join(" ");
}

function tasks() {
  const words = state.words.trim().toLowerCase();
  return group().tasks.filter((task) => !words || `${task.id} ${task.caption}`.toLowerCase().includes(words));
}
function fits(one) {
  return one && (state.outcome === "all" || (state.outcome === "valid") === one.valid);
}

function drawMatrix() {
  const columns = runs();
  let count = 0;
  const rows = tasks().map((task, row) => make("tr", {},
    make("th", { class: "task", scope: "row" }, task.id, make("small", {}, task.caption)),
    ...columns.map((run, column) => {
      const one = pickOf(attemptsOf.get(key(run.id, task.id)) || []);
      if (!fits(one)) return make("td", { role: "gridcell" });
      count += 1;
      return make("td", { role: "gridcell" }, button(one, run, task, row, column));
    })));
  by("matrix").replaceChildren(
    make("thead", {}, make("tr", {}, make("th", { class: "task", scope: "col" }, "task"), ...columns.map((run) => make("th", { class: "run", scope: "col", title: run.label }, run.short)))),
    make("tbody", {}, ...rows));
  by("shown").textContent = `${count} shown`;
  const first = by("matrix").querySelector("button");
  if (first) first.tabIndex = 0;
}

function button(one, run, task, row, column) {
  const score = one.scores[group().metric];
  const result = one.valid ? `${group().metric} ${digits(score)}` : `failed: ${one.failure}`;
  const node = make("button", {
    class: one.valid ? "valid" : "failed", tabindex: "-1", "data-row": row, "data-column": column,
    "aria-label": `${run.label}, ${task.id}, ${result}`, onclick: () => { open(one, node); },
  });
  if (one.valid && one.image) node.append(make("img", { src: one.image, alt: "", loading: "lazy" }));
  node.append(make("span", { class: one.valid ? "score" : "" }, one.valid ? digits(score) : one.failure));
  return node;
}

function select(grid, node) {
  document.querySelectorAll(".playing").forEach((other) => other.classList.remove("playing"));
  document.querySelectorAll(`${grid} button`).forEach((other) => { other.tabIndex = -1; });
  by("baselines-now").textContent = "";
  node.tabIndex = 0;
  node.classList.add("playing");
  node.focus({ preventScroll: true });
}

function open(one, node) {
  if (node) select("#matrix", node);
  detail(one, node);
  play(one);
}

function play(one) {
  player.pause();
  if (!one.audio) { player.removeAttribute("src"); return; }
  player.src = one.audio;
  player.play().catch(() => {}); // a browser may want a first click anywhere: the controls in the panel still work
}

function detail(one, node) {
  const attempts = attemptsOf.get(key(one.run, one.task));
  const run = group().runs.find((other) => other.id === one.run);
  const numbers = Object.entries(one.scores).map(([name, value]) => [name, digits(value, 4)]);
  const facts = [...numbers, ...Object.entries(one.unscored), ["folder", one.folder]];
  player.controls = true;
  by("detail").replaceChildren(
    make("button", { class: "close", "aria-label": "Close", onclick: close }, "×"),
    make("h2", {}, one.task), make("p", { class: "small" }, run.label), make("p", { class: "caption" }, one.caption),
    ...(attempts.length > 1 ? [make("p", { class: "row" }, ...attempts.map((other) => make("button", {
      "aria-pressed": String(other === one), onclick: () => open(other, node),
    }, `sample ${other.sample}, turn ${other.turn}${other.picked ? " ✓" : ""}`)))] : []),
    ...(one.failure ? [make("p", { class: "failure" }, `${one.failure}: ${one.message}`)] : []),
    ...(one.image ? [make("img", { src: one.image, alt: `Spectrogram of ${one.task}` })] : []),
    ...(one.valid && !one.audio ? [make("p", { class: "small" }, "This sound is not in the page, to keep it small. Listen to it in the folder below, or in leaderboard.html there.")] : []),
    player,
    ...(one.valid ? [make("p", {}, `${group().metric} ${digits(one.scores[group().metric])}`)] : []),
    make("h2", {}, "Program"), make("pre", { tabindex: "0" }, one.program ?? "none: the answer held no program"),
    make("h2", {}, "All scores"), make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])));
  player.hidden = !one.audio;
  by("detail").hidden = false;
  document.body.classList.add("open");
}

function close() {
  player.pause();
  document.body.append(player);
  player.controls = false;
  by("detail").hidden = true;
  document.body.classList.remove("open");
}

function move(grid, rows, columns) {
  let [row, column] = ["row", "column"].map((name) => Number(document.activeElement.dataset[name]));
  const last = Math.max(grid.rows.length, grid.rows[0].cells.length);
  for (;;) {
    row += rows; column += columns;
    if (row < 0 || column < 0 || row > last || column > last) return;
    const node = grid.querySelector(`button[data-row="${row}"][data-column="${column}"]`);
    if (node) { node.focus(); return; }
  }
}

document.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const grid = document.activeElement && document.activeElement.dataset.row && document.activeElement.closest("#matrix, #baselines");
  if (event.key === "Escape") { close(); return; }
  if (!grid) {
    const elsewhere = ["INPUT", "SELECT", "PRE", "AUDIO"].includes(document.activeElement?.tagName);
    const first = by("matrix").querySelector("button[tabindex='0']");
    if (elsewhere || event.ctrlKey || event.metaKey || event.altKey || !steps[event.key] || !first) return;
    event.preventDefault();
    first.focus();
    return;
  }
  if (event.key === " ") { event.preventDefault(); if (player.paused) document.activeElement.click(); else player.pause(); }
  if (steps[event.key]) { event.preventDefault(); move(grid, ...steps[event.key]); }
});

function drawBody() { drawRanking(); drawMatrix(); }
function draw() { drawHead(); drawFilters(); drawBody(); drawBaselines(); drawBlind(); }
draw();
