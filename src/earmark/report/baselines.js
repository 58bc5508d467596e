// The baselines that a table's scores are read against, as a table with players.
function drawBaselines({ group, part }) {
  const section = group.baselines;
  part("baselines-section").hidden = !section;
  if (!section) return;
  if (section.no_scores) { part("baselines-note").textContent = `No baseline has a score: ${section.no_scores}.`; return; }
  part("baselines-note").textContent = baselinesNote(section);
  const across = scale(group);
  const columns = ["baseline", `${group.metric}${group.notice ? " (stand-in)" : ""}`, "mean", "± se", "n", "listen to the sound made for"];
  part("baselines").replaceChildren(
    heads(columns, ["name", "", "", "", "", "listen"]),
    make("tbody", {}, ...section.rows.map((one, row) => baselineRow({ group, part }, one, row, across))));
  const first = part("baselines").querySelector("button");
  if (first) first.tabIndex = 0;
}

function baselinesNote(section) {
  const mean = (end) => section.rows.find((one) => one.end === end)?.mean;
  const sentences = [
    `Floor ${digits(mean("floor"))}: ${section.floor}; a failed episode counts as this`,
    `Expert ${digits(mean("expert"))}: ${section.expert}`,
    ...section.choices,
    section.recordings,
    section.no_scale ? `No scale between them: ${section.no_scale}` : null,
    section.part,
  ];
  return sentences.filter(Boolean).map((text) => `${text}.`).join(" ");
}

function baselineRow(view, one, row, across) {
  const name = make("th", { class: "name", scope: "row" }, one.name, one.end ? make("span", { class: "end" }, one.end) : null);
  if (one.mean === null) return make("tr", {}, name, make("td", { class: "reason", colspan: "5" }, `no score: ${one.unscored}`));
  return make("tr", {}, name,
    make("td", {}, interval(one, across)), make("td", {}, digits(one.mean)), make("td", {}, digits(one.se)), make("td", {}, String(one.n)),
    make("td", { class: "listen" }, ...one.clips.map((clip, column) => baselineButton(view, one, clip, row, column))));
}

function baselineButton({ group, part }, one, clip, row, column) {
  const score = clip.score === null ? "" : `, ${group.metric} ${digits(clip.score)}`;
  const title = `${one.name}, for “${clip.caption}”${score}`;
  const node = make("button", {
    class: clip.audio ? "" : "away", tabindex: "-1", "data-row": row, "data-column": column, title: clip.caption,
    "aria-label": title,
    onclick: () => {
      const playing = node.classList.contains("playing");
      close();
      if (playing) return;
      select(part("baselines"), node);
      part("baselines-now").textContent = `${clip.audio ? "Playing" : "Not in this page, to keep it small"}: ${title}; ${clip.folder}`;
      if (!clip.audio) node.classList.remove("playing");
      play(clip);
    },
  }, `▶ ${clip.caption}`);
  return node;
}

["pause", "ended"].forEach((type) => player.addEventListener(type, () => {
  if (!player.paused && !player.ended) return; // stopped for the next sound, which plays by now
  document.querySelectorAll(".baselines .playing").forEach((node) => node.classList.remove("playing"));
  document.querySelectorAll(".baselines-now").forEach((node) => { node.textContent = ""; });
}));
