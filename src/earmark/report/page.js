"use strict";
// Draws the page from the JSON of #data, which page.py writes; matrix.js, detail.js, baselines.js and
// blind.js follow in the same script. Texts of models are only ever set as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const player = by("player");
const tiers = [...new Set(data.groups.map((one) => one.tier))];
const AXES = [...new Set(data.groups.flatMap((one) => one.runs.flatMap((run) => Object.keys(run.axes))))];
const state = { tier: tiers[0], off: {}, outcome: "all", words: "", blind: null };
AXES.forEach((axis) => { state.off[axis] = new Set(); });
let views = []; // one for each table of the tier that is shown: its group, and its part of the page

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
const percent = (value) => (value === null || value === undefined ? "–" : `${Math.round(100 * value)}%`);
const groups = () => data.groups.filter((one) => one.tier === state.tier);
const tierRuns = () => groups().flatMap((one) => one.runs);
const shownRuns = (group) => group.runs.filter((run) => AXES.every((axis) => !state.off[axis].has(String(run.axes[axis]))));
const heads = (texts, classes = []) => make("thead", {}, make("tr", {}, ...texts.map((text, at) => make("th", { scope: "col", class: classes[at] || "" }, text))));

// Each run holds its attempts as rows, which begin as here; what else there is to say of one is loaded when it is opened.
for (const group of data.groups) {
  for (const run of group.runs) {
    run.group = group;
    run.attempts = run.attempts.map(([task, sample, turn, failure, picked, score], at) => ({ run, at, task: group.tasks[task], sample, turn, failure, picked: Boolean(picked), score, valid: failure === null }));
    run.byTask = new Map();
    for (const one of run.attempts) {
      if (!run.byTask.has(one.task)) run.byTask.set(one.task, []);
      run.byTask.get(one.task).push(one);
    }
  }
}
const pickOf = (attempts = []) => attempts.find((one) => one.picked && one.valid) || attempts.find((one) => one.picked) || attempts[0];

function drawHead() {
  by("title").textContent = data.title;
  by("about").textContent = data.about;
  by("verdict-brief").replaceChildren(...data.brief.map((line) => make("p", {}, line)));
  by("verdict-whole").replaceChildren(...data.verdict.map((line) => make("p", {}, line)));
  by("verdict").hidden = !data.verdict.length;
  by("tiers").replaceChildren(...tiers.map((tier) => make("button", {
    role: "tab", "aria-selected": String(tier === state.tier), onclick: () => { state.tier = tier; close(); draw(); },
  }, tier)));
  const notices = [...new Set(groups().map((one) => one.notice).filter(Boolean))];
  by("notice").hidden = !notices.length;
  by("notice").textContent = notices.join(" ");
}

function drawFilters() {
  const sets = AXES.map((axis) => {
    const values = [...new Set(tierRuns().map((run) => String(run.axes[axis])))];
    values.sort((a, b) => a - b || a.localeCompare(b, "en", { numeric: true }));
    if (values.length < 2) return null;
    return make("fieldset", {}, make("legend", {}, axis), ...values.map((value) => {
      const box = make("input", { type: "checkbox", "data-axis": axis, value, onchange: () => {
        state.off[axis][box.checked ? "delete" : "add"](value); drawTables();
      } });
      box.checked = !state.off[axis].has(value);
      return make("label", {}, box, ` ${value}`);
    }));
  });
  const outcome = make("select", { id: "outcome", onchange: () => { state.outcome = outcome.value; views.forEach(drawMatrix); } },
    ...["all", "valid", "failed"].map((value) => make("option", { value }, value)));
  outcome.value = state.outcome;
  const words = make("input", { id: "words", type: "search", placeholder: "task or caption", oninput: () => { state.words = words.value; views.forEach(drawMatrix); } });
  words.value = state.words;
  by("filters").replaceChildren(...sets.filter(Boolean), make("label", {}, "show ", outcome), make("label", {}, "find ", words));
}

function scale(group) {
  const baselines = group.baselines ? group.baselines.rows : [];
  const ends = [...group.runs, ...baselines].flatMap((one) => [one.low ?? one.mean, one.high ?? one.mean]).filter((value) => value !== null && value !== undefined);
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

function drawRanking({ group, part }) {
  const across = scale(group);
  const columns = ["rank", "run", `${group.metric}, failures at the floor`, "mean", "valid only", "± se", "valid", ...group.fad, "cost $"];
  const rows = shownRuns(group).map((run) => make("tr", {},
    make("td", {}, run.best_rank === run.worst_rank ? String(run.best_rank) : `${run.best_rank}–${run.worst_rank}`),
    make("td", { class: "name", title: run.label }, run.short), make("td", {}, interval(run, across)),
    ...[digits(run.mean), digits(run.score), digits(run.se), percent(run.valid_rate),
      ...run.fad.map((text) => text || "–"), digits(run.cost, 4)].map((text) => make("td", {}, text))));
  part("ranking").replaceChildren(heads(columns, ["", "name"]), make("tbody", {}, ...rows));
  part("order-warning").hidden = !group.order_warning;
  part("order-warning").textContent = group.order_warning ? `Do not rely on this order: ${group.order_warning}.` : "";
  part("ranking-note").textContent = [
    group.same ? `The same in all: ${group.same}.` : null,
    group.rank_note,
    group.fad_note ? `${group.fad_note[0].toUpperCase()}${group.fad_note.slice(1)}.` : null,
    group.baselines ? "Dotted lines: floor and expert, see the baselines." : null,
    "–: not scored; the run's tags in MLflow say why.",
  ].filter(Boolean).join(" ");
}

// How far attempts come: of each run, the share that passed a step and all steps before it.
function drawFunnel({ group, part }) {
  const reached = shownRuns(group).filter((run) => run.funnel.length);
  part("funnel-section").hidden = !reached.length;
  const rows = reached.map((run) => make("tr", {}, make("td", { class: "name", title: run.label }, run.short), ...run.funnel.map((share) => make("td", {}, percent(share)))));
  part("funnel").replaceChildren(heads(["run", ...data.steps], ["name"]), make("tbody", {}, ...rows));
}

function addTable(group) {
  const root = by("table").content.firstElementChild.cloneNode(true);
  const part = (name) => root.querySelector(`.${name}`);
  part("ranking-title").textContent = `Ranking: ${group.title}`;
  by("tables").append(root);
  return { group, root, part };
}

function drawTables() { views.forEach((view) => { drawRanking(view); drawFunnel(view); drawMatrix(view); }); }
function draw() {
  by("tables").replaceChildren();
  views = groups().map(addTable);
  drawHead();
  drawFilters();
  drawTables();
  views.forEach(drawBaselines);
  drawBlind();
}
