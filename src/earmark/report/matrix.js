// Every sound of a table, task by run. Only rows that are near the screen, or about to be printed,
// hold their sounds; the others wait with the name of their task.
const ROOM = "600px"; // above and below the screen, where rows are filled before they are seen
const rowsNear = new IntersectionObserver((entries) => {
  for (const entry of entries) (entry.isIntersecting ? fill : empty)(entry.target);
}, { rootMargin: `${ROOM} 0px` });

function shownTasks(group) {
  const words = state.words.trim().toLowerCase();
  return group.tasks.filter((task) => !words || `${task.id} ${task.caption}`.toLowerCase().includes(words));
}
const fits = (one) => one && (state.outcome === "all" || (state.outcome === "valid") === one.valid);

function drawMatrix(view) {
  const { group, part } = view;
  const columns = shownRuns(group);
  view.places = shownTasks(group).map((task) => columns.map((run) => { const one = pickOf(run.byTask.get(task)); return fits(one) ? one : null; }));
  const rows = shownTasks(group).map((task, row) => {
    const node = make("tr", {}, make("th", { class: "task", scope: "row" }, task.id, make("small", {}, task.caption)));
    Object.assign(node, { placed: view.places[row], number: row });
    return node;
  });
  rowsNear.disconnect();
  part("matrix").replaceChildren(heads(["task", ...columns.map((run) => run.short)], ["task", ...columns.map(() => "run")]), make("tbody", {}, ...rows));
  part("matrix").querySelectorAll("th.run").forEach((node, at) => { node.title = columns[at].label; });
  part("shown").textContent = `${view.places.flat().filter(Boolean).length} shown`;
  view.start = view.places.flatMap((row, at) => { const column = row.findIndex(Boolean); return column < 0 ? [] : [[at, column]]; })[0];
  document.querySelectorAll(".matrix tbody tr").forEach((row) => rowsNear.observe(row));
  if (view.start) fill(rows[view.start[0]]);
  if (paper.matches) fillAll();
}

function fill(row) {
  if (row.filled) return;
  row.filled = true;
  row.append(...row.placed.map((one, column) => make("td", { role: "gridcell", "data-run": one ? one.run.short : null }, one && button(one, row.number, column))));
}

function empty(row) {
  if (!row.filled || paper.matches || row.contains(document.activeElement) || row.querySelector(".playing, [tabindex='0']")) return;
  row.style.height = `${row.getBoundingClientRect().height}px`; // what is below stays where it is
  row.querySelectorAll("td").forEach((one) => one.remove());
  row.filled = false;
}

const paper = matchMedia("print");
const fillAll = () => document.querySelectorAll(".matrix tbody tr").forEach(fill);
addEventListener("beforeprint", fillAll);
paper.addEventListener("change", () => { if (paper.matches) fillAll(); });

function button(one, row, column) {
  const { metric } = one.run.group;
  const result = one.valid ? `${metric} ${digits(one.score)}` : `failed: ${one.failure}`;
  const first = views.some(({ group, start }) => group === one.run.group && start[0] === row && start[1] === column);
  const node = make("button", {
    class: one.valid ? "valid" : "failed", tabindex: first ? "0" : "-1", "data-row": row, "data-column": column,
    "aria-label": `${one.run.label}, ${one.task.id}, ${result}`, onclick: () => { open(one, node); },
  });
  const { image } = mediaOf(one);
  if (image) node.append(make("img", { src: image, alt: "", loading: "lazy" }));
  node.append(make("span", { class: one.valid ? "score" : "" }, one.valid ? digits(one.score) : one.failure));
  return node;
}

function select(grid, node) {
  document.querySelectorAll(".playing").forEach((other) => other.classList.remove("playing"));
  grid.querySelectorAll("button[tabindex='0']").forEach((other) => { other.tabIndex = -1; });
  document.querySelectorAll(".baselines-now").forEach((other) => { other.textContent = ""; });
  node.tabIndex = 0;
  node.classList.add("playing");
  node.focus({ preventScroll: true });
}

function move(grid, down, right) {
  let [row, column] = ["row", "column"].map((name) => Number(document.activeElement.dataset[name]));
  const rows = [...grid.tBodies[0].rows];
  for (;;) {
    row += down; column += right;
    const places = rows[row] && (rows[row].placed || [...rows[row].querySelectorAll("button")]);
    if (!places || column < 0 || column >= places.length) return;
    if (!places[column]) continue;
    if (rows[row].placed) fill(rows[row]);
    grid.querySelector(`button[data-row="${row}"][data-column="${column}"]`).focus();
    return;
  }
}

document.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const grid = document.activeElement && document.activeElement.dataset.row && document.activeElement.closest(".matrix, .baselines");
  if (event.key === "Escape") { close(); return; }
  if (!grid) {
    const elsewhere = ["INPUT", "SELECT", "PRE", "AUDIO"].includes(document.activeElement?.tagName);
    const first = document.querySelector(".matrix button[tabindex='0']");
    if (elsewhere || event.ctrlKey || event.metaKey || event.altKey || !steps[event.key] || !first) return;
    event.preventDefault();
    first.focus();
    return;
  }
  if (event.key === " ") { event.preventDefault(); if (player.paused) document.activeElement.click(); else player.pause(); }
  if (steps[event.key]) { event.preventDefault(); move(grid, ...steps[event.key]); }
});
