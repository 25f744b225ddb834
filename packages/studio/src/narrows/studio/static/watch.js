// Watch: training runs while they go on, one or two side by side.
import { get, pause } from "./api.js";
import { curve } from "./curves.js";
import { field, goTo, h, main, notice, place, when } from "./dom.js";
import { shell } from "./shell.js";

const SIDES = ["a", "b"], EVERY = 2000;
const SHOWN = /\.(wav|png)$/, ORDER = ["original", "reconstruction", "difference", "latents"];
const CODES = /codebook|perplexity|codes|entropy|active_dimensions/;
const chosen = Object.fromEntries(SIDES.map((side) => [side, null]));
const selects = Object.fromEntries(SIDES.map((side) => [side, h("select", { id: `run-${side}`, onchange: () => choose(side, selects[side].value) })]));
const facts = h("div", { class: "columns" }), curves = h("div", { id: "curves" }), demos = h("div", { id: "demos", class: "columns" }), reports = h("div", { id: "reports", class: "columns" });
let runs = [];

class Log {
  constructor(run) {
    Object.assign(this, { run, offset: 0, lines: new Map(), changed: true });
  }

  /** Read what was added; a reading that is under way is waited for, so that nothing is read twice. */
  read() {
    this.reading ??= this.#read().finally(() => { this.reading = null; });
    return this.reading;
  }

  async #read() {
    for (let more = true; more;) {
      const { records, offset, restarted } = await get(`/api/runs/${this.run}/metrics?after=${this.offset}`);
      if (restarted) this.lines.clear();
      for (const { step, split, ...values } of records) {
        for (const [name, value] of Object.entries(values)) {
          if (typeof value !== "number") continue;
          const key = `${split} ${name}`;
          if (!this.lines.has(key)) this.lines.set(key, { split, name, points: [] });
          this.lines.get(key).points.push([step, value]);
        }
      }
      more = offset > this.offset && records.length > 0;
      this.changed ||= restarted || records.length > 0;
      this.offset = offset;
    }
  }
}

function choose(side, run) {
  chosen[side] = run ? new Log(run) : null;
  goTo(Object.fromEntries(SIDES.filter((one) => chosen[one]).map((one) => [one, chosen[one].run])));
  refresh();
}

function drawCurves() {
  const names = new Map();
  for (const side of SIDES) {
    for (const line of chosen[side]?.lines.values() ?? []) {
      if (!names.has(line.name)) names.set(line.name, []);
      names.get(line.name).push({ kind: `${side} ${line.split === "val" ? "val" : ""}`, points: line.points });
    }
  }
  const card = ([name, lines]) => h("figure", { class: "card", "data-curve": name }, h("figcaption", {}, name.replaceAll("_", " ")), curve(name, lines));
  const order = [...names].sort(([a], [b]) => (b === "loss") - (a === "loss") || a.localeCompare(b));
  const groups = [["Losses and metrics (dashed: validation)", order.filter(([name]) => !CODES.test(name))], ["Codes in use", order.filter(([name]) => CODES.test(name))]];
  curves.replaceChildren(...groups.filter(([, lines]) => lines.length).map(([title, lines]) => h("section", {}, h("h2", {}, title), h("div", { class: "columns many" }, lines.map(card)))));
}

function drawFacts() {
  facts.replaceChildren(...SIDES.map((side) => [side, info(side)]).filter(([, run]) => run).map(([side, run]) => h("section", { class: "card" },
    h("h2", {}, h("span", { class: `key-${side}` }, "● "), run.name), h("p", { class: "soft" }, `step ${run.step}${run.steps ? ` of ${run.steps}` : ""}, last logged ${when(run.updated)}`), run.steps && h("progress", { max: run.steps, value: run.step, "aria-label": `Progress of ${run.name}` }))));
}

const info = (side) => runs.find((run) => run.id === chosen[side]?.run);
let drawn = "";

/** Demos and reports are drawn anew only when there are new ones: nobody's player is taken away. */
function drawDemos() {
  const state = JSON.stringify(SIDES.map((side) => [info(side)?.id, info(side)?.demos[0]?.step, info(side)?.report]));
  if (state === drawn) return;
  drawn = state;
  demos.replaceChildren(...SIDES.map(info).filter((run) => run?.demos.length).map((run) => h("section", { class: "card stack demo" }, h("h2", {}, `Demos of ${run.name}`), demo(run))));
  reports.replaceChildren(...SIDES.map(info).filter((run) => run?.report).map((run) => h("section", { class: "card" }, h("h2", {}, `Report of ${run.name}`), h("iframe", { src: `/api/runs/${run.id}/report`, title: `Report of ${run.name}`, loading: "lazy" }))));
}

/** What a demo's file is sorted by: the original of an item comes first, then what became of it. */
const inOrder = (name) => ORDER.reduce((text, part, index) => text.replace(part, `${index}${part}`), name);

function demo(run) {
  const body = h("div", { class: "stack" });
  const show = (step) => {
    const { files } = run.demos.find((one) => one.step === step), base = `/api/runs/${run.id}/demos/${step}`;
    const names = [...new Set(files.filter((file) => SHOWN.test(file)).map((file) => file.replace(SHOWN, "")))].sort((a, b) => inOrder(a).localeCompare(inOrder(b)));
    body.replaceChildren(...names.map((name) => h("div", {}, h("div", { class: "small soft" }, name.replaceAll("_", " ")),
      files.includes(`${name}.wav`) && h("audio", { controls: true, preload: "none", src: `${base}/${encodeURIComponent(name)}.wav`, "aria-label": name }),
      files.includes(`${name}.png`) && h("img", { src: `${base}/${encodeURIComponent(name)}.png`, alt: `Picture of ${name}`, loading: "lazy" }))));
  };
  const step = h("select", { onchange: () => show(Number(step.value)) }, run.demos.map((one) => h("option", { value: String(one.step) }, `step ${one.step}`)));
  show(run.demos[0].step);
  return [field("Step", step), body];
}

async function refresh() {
  for (const log of Object.values(chosen)) await log?.read();
  if (Object.values(chosen).some((log) => log?.changed) || curves.dataset.shown !== location.hash) {
    drawCurves();
    curves.dataset.shown = location.hash;
    for (const log of Object.values(chosen)) if (log) log.changed = false;
  }
  drawFacts();
  drawDemos();
}

async function look() {
  const found = await get("/api/runs"), names = (list) => JSON.stringify(list.map((run) => run.id).sort());
  if (names(found) !== names(runs)) {
    for (const side of SIDES) {
      const value = selects[side].value;
      selects[side].replaceChildren(h("option", { value: "" }, side === "a" ? "Choose …" : "none"), ...found.map((run) => h("option", { value: run.id }, run.name)));
      selects[side].value = value;
    }
  }
  runs = found;
  await refresh();
}

/** To the parts of a page that is long: the place in the address tells the runs, so these are no links. */
function jumps() {
  const parts = { "Losses and metrics": () => curves, "Codes in use": () => curves.querySelector("section:nth-of-type(2)"), Demos: () => demos, Reports: () => reports };
  return h("nav", { class: "row small", "aria-label": "Parts of the page" }, Object.entries(parts).map(([name, part]) =>
    h("button", { type: "button", onclick: () => part()?.scrollIntoView() }, name)));
}

shell();
main().append(h("h1", {}, "Watch"), h("div", { class: "columns" }, field("Run", selects.a), field("Beside it", selects.b)), facts, jumps(), curves, demos, reports);
try {
  await look();
  const hash = place();
  for (const side of SIDES) if (runs.some((run) => run.id === hash[side])) { selects[side].value = hash[side]; chosen[side] = new Log(hash[side]); }
  if (!chosen.a && runs.length) { selects.a.value = runs[0].id; choose("a", runs[0].id); }
  if (!runs.length) facts.append(h("p", { class: "card soft" }, "No runs here. Start the studio with --runs FOLDER, the folder in which runs are."));
  await refresh();
} catch (error) {
  notice(error.message);
}
for (;;) {
  await pause(document.hidden ? 4 * EVERY : EVERY);
  try {
    await look();
  } catch { /* the studio is gone: it is asked again */ }
}
