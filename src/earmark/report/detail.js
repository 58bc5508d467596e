// One attempt: its sound, and the panel with its program and all scores. What the panel says comes
// in parts of many attempts: in this page as JSON, or next to it as scripts, since a page that was
// opened from a disk may load scripts and nothing else.
const loaded = new Map(); // name of a part -> its attempts, or null where it cannot be loaded
const waiting = new Map(); // name of a part -> what to do once it is there

const partOf = (one) => `${one.run.id}-${Math.floor(one.at / data.per_part)}`;

function details(name, attempts) { // what the scripts next to the page call
  loaded.set(name, attempts);
  for (const next of waiting.get(name) || []) next();
  waiting.delete(name);
}

function detailsOf(one) { // undefined where they are not there yet
  const name = partOf(one);
  const inside = by(`details-${name}`);
  if (!loaded.has(name) && inside) loaded.set(name, JSON.parse(inside.textContent));
  if (!loaded.has(name)) return undefined;
  return loaded.get(name) ? loaded.get(name)[one.at % data.per_part] : null;
}

function whenLoaded(one, next) {
  if (detailsOf(one) !== undefined) { next(); return; }
  const name = partOf(one);
  if (waiting.has(name)) { waiting.get(name).push(next); return; }
  waiting.set(name, [next]);
  if (!data.linked) { details(name, null); return; }
  const script = make("script", { src: `${data.parts}/${encodeURIComponent(name)}.js`, onerror: () => details(name, null) });
  document.head.append(script);
}

const folderOf = (one) => [one.run.folder, "attempts", one.task.id, `${one.sample}-${one.turn}`];
function mediaOf(one) { // where its sound and its spectrogram are
  if (!one.valid) return { audio: null, image: null };
  if (!data.linked) return detailsOf(one) || { audio: null, image: null };
  const folder = folderOf(one).map(encodeURIComponent).join("/");
  return { audio: `${folder}/out.wav`, image: `${folder}/out.png` };
}

function open(one, node) {
  if (node) select(node.closest(".matrix"), node);
  detail(one, node);
  play(mediaOf(one));
}

function play({ audio }) {
  player.pause();
  if (!audio) { player.removeAttribute("src"); return; }
  player.src = audio;
  player.play().catch(() => {}); // a browser may want a first click anywhere: the controls in the panel still work
}

let opened = null; // the attempt in the panel
function detail(one, node) {
  opened = one;
  const { audio, image } = mediaOf(one);
  const attempts = one.run.byTask.get(one.task);
  const rest = make("div", { "aria-busy": "true" }, "…");
  player.controls = true;
  by("detail").replaceChildren(
    make("button", { class: "close", "aria-label": "Close", onclick: close }, "×"),
    make("h2", {}, one.task.id), make("p", { class: "small" }, one.run.label), make("p", { class: "caption" }, one.task.caption),
    ...(attempts.length > 1 ? [make("p", { class: "row" }, ...attempts.map((other) => make("button", {
      "aria-pressed": String(other === one), onclick: () => open(other, node),
    }, `sample ${other.sample}, turn ${other.turn}${other.picked ? " ✓" : ""}`)))] : []),
    ...(image ? [make("img", { src: image, alt: `Spectrogram of ${one.task.id}` })] : []),
    ...(one.valid && !audio ? [make("p", { class: "small" }, "This sound is not in the page, to keep it small. Listen to it in the folder below, or in leaderboard.html there.")] : []),
    player,
    ...(one.valid ? [make("p", {}, `${one.run.group.metric} ${digits(one.score)}`)] : []),
    rest);
  player.hidden = !audio;
  by("detail").hidden = false;
  document.body.classList.add("open");
  whenLoaded(one, () => { if (opened === one) rest.replaceWith(...program(one)); });
}

function program(one) {
  const folder = [data.folder, ...folderOf(one)].join("/");
  const more = detailsOf(one);
  if (!more) return [make("p", { class: "small" }, `Its program and scores are not beside this page; they are in ${folder}.`)];
  const numbers = Object.entries(more.scores).map(([name, value]) => [name, digits(value, 4)]);
  const facts = [...numbers, ...Object.entries(more.unscored), ["folder", folder]];
  return [
    ...(one.failure ? [make("p", { class: "failure" }, `${one.failure}: ${more.message}`)] : []),
    make("h2", {}, "Program"), make("pre", { tabindex: "0" }, more.program ?? "none: the answer held no program"),
    make("h2", {}, "All scores"), make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
  ];
}

function close() {
  opened = null;
  player.pause();
  document.body.append(player);
  player.controls = false;
  by("detail").hidden = true;
  document.body.classList.remove("open");
}
