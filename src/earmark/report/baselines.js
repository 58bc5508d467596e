// The baselines that a table is read against: group().baselines, made by beside.py -> a table with players.
function drawControls() {
  const beside = group().baselines;
  by("beside").hidden = !beside;
  by("baselines-now").textContent = "";
  by("baselines").replaceChildren();
  if (!beside) return;
  if (beside.none) { by("baselines-note").textContent = `No baseline has a score: ${beside.none}.`; return; }
  const end = (name) => beside.rows.find((one) => one.end === name);
  const said = (name) => `${name} ${end(name) ? digits(end(name).mean) : "–"}: ${beside[name]}`;
  by("baselines-note").textContent = [`${said("floor")}; an episode that failed counts as this`, said("ceiling"),
    beside.no_scale ? `no scale between them: ${beside.no_scale}` : null, beside.part].filter(Boolean).map((text) => `${text[0].toUpperCase()}${text.slice(1)}.`).join(" ");
  const head = ["baseline", `${group().metric}${group().notice ? " (stand-in)" : ""}`, "mean", "± se", "n", "listen to what was made for"];
  const across = scale();
  const rows = beside.rows.map((one, row) => make("tr", {},
    make("th", { class: "name", scope: "row" }, one.name, one.end ? make("span", { class: "end" }, one.end) : null),
    ...(one.mean === null ? [make("td", { class: "reason", colspan: "5" }, `no score: ${one.unscored}`)] : [
      make("td", {}, interval(one, across)), make("td", {}, digits(one.mean)), make("td", {}, digits(one.se)), make("td", {}, String(one.n)),
      make("td", { class: "listen" }, ...one.clips.map((clip, column) => controlButton(one, clip, row, column)))])));
  const names = ["name", "", "", "", "", "listen"];
  by("baselines").replaceChildren(make("thead", {}, make("tr", {}, ...head.map((text, at) => make("th", { scope: "col", class: names[at] }, text)))), make("tbody", {}, ...rows));
  const first = by("baselines").querySelector("button");
  if (first) first.tabIndex = 0;
}

function controlButton(one, clip, row, column) {
  const score = clip.score === null ? "" : `, ${group().metric} ${digits(clip.score)}`;
  const node = make("button", {
    class: clip.audio ? "" : "away", tabindex: "-1", "data-row": row, "data-column": column, title: clip.caption,
    "aria-label": `${one.name}, for “${clip.caption}”${score}`,
    onclick: () => {
      const again = node.classList.contains("playing");
      close();
      if (again) return;
      chosen("#baselines", node);
      by("baselines-now").textContent = `${clip.audio ? "Playing" : "Not inside this page, to keep it small"}: ${one.name}, for “${clip.caption}”${score}; ${clip.folder}`;
      if (!clip.audio) node.classList.remove("playing");
      play(clip);
    },
  }, `▶ ${clip.caption}`);
  return node;
}

["pause", "ended"].forEach((over) => player.addEventListener(over, () => {
  if (!player.paused && !player.ended) return; // the last one was stopped for the next, which plays by now
  for (const node of document.querySelectorAll("#baselines .playing")) {
    node.classList.remove("playing");
    by("baselines-now").textContent = "";
  }
}));
