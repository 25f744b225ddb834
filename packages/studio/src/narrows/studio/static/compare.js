// Compare: what models make of a sound, in one player.
import { follow, get, post } from "./api.js";
import { chooser } from "./chooser.js";
import { Comparison } from "./comparison.js";
import { check, field, goTo, h, main, notice, place, seconds, told, when } from "./dom.js";
import { jobView, shell } from "./shell.js";

const chosen = h("p", { class: "soft", id: "chosen" }, "No sound is chosen.");
const models = h("fieldset", { id: "models" });
const start = h("button", { class: "main", type: "button", id: "start", disabled: true, onclick: told(begin) }, "Encode and decode");
const work = h("div", { id: "work" });
const results = h("section", { id: "results", "aria-label": "Comparison" });
const history = h("select", { "aria-label": "Earlier comparisons", onchange: told(() => history.value && open(history.value)) });
let sound = null, shown = null;

function choose(given) {
  sound = given;
  chosen.replaceChildren(h("strong", {}, given.name), ` ${seconds(given.seconds)}, ${given.sample_rate} Hz, ${given.channels === 1 ? "mono" : `${given.channels} channels`}`);
  ready();
}

function ready() {
  start.disabled = !sound || !versions().length;
}

/** What is ticked: a version for all codebooks, or one for each number of them. */
function versions() {
  return [...models.querySelectorAll("[data-model]")].filter((row) => row.querySelector("input[type=checkbox]").checked).flatMap((row) => {
    const model = row.dataset.model, counts = row.querySelector("input[type=text]")?.value.match(/\d+/g) ?? [];
    return counts.length ? counts.map((count) => ({ model, n_quantizers: Number(count) })) : [{ model }];
  });
}

async function begin() {
  const job = await post("/api/comparisons", { sound: sound.id, versions: versions() });
  goTo({ job: job.id });
  await watch(job);
}

async function watch(job) {
  const view = jobView(job);
  work.replaceChildren(view.element);
  start.disabled = true;
  try {
    const over = await follow(job.id, view.show);
    if (over.state === "done") {
      work.replaceChildren();
      await open(over.result);
      await list();
    }
  } finally {
    ready();
  }
}

async function open(identity) {
  const comparison = await get(`/api/comparisons/${identity}`);
  goTo({ comparison: identity });
  choose(comparison.sound);
  shown?.close();
  shown = new Comparison(comparison);
  results.replaceChildren(shown.element);
  await shown.load();
}

async function list() {
  const all = await get("/api/comparisons");
  history.replaceChildren(h("option", { value: "" }, all.length ? "Choose …" : "none yet"),
    ...all.map((one) => h("option", { value: one.id }, `${one.sound.name}: ${one.versions.map((version) => version.name).join(", ")} (${when(one.created)})`)));
}

async function offer() {
  const codecs = (await get("/api/models")).filter((model) => model.kind === "codec");
  models.replaceChildren(h("legend", {}, "Models"), ...codecs.map((model) => h("div", { "data-model": model.name, class: "stack" },
    check(h("span", {}, model.name, " ", h("span", { class: "soft small" }, `${model.sample_rate} Hz`)), h("input", { type: "checkbox", checked: true, onchange: ready })),
    model.codebooks > 1 && field("Codebooks", h("input", { type: "text", inputmode: "numeric", placeholder: `all ${model.codebooks}`, "aria-label": `Codebooks of ${model.name}` }), "Numbers such as 1, 2, 4 make a version each."))));
  if (!codecs.length) models.append(h("p", { class: "soft" }, "The studio was given no model that encodes and decodes: start it with `narrows studio MODEL`."));
  ready();
}

shell();
main().append(
  h("h1", {}, "Compare"), h("p", { class: "soft" }, "Every model encodes and decodes a sound. Switch between the versions while it plays: the place is kept."),
  h("div", { class: "columns aside" },
    h("section", { class: "card stack", "aria-label": "What to compare" }, h("h2", {}, "Sound"), chooser(choose), chosen, models, start, work, field("Earlier comparisons", history)),
    results));
results.append(h("div", { class: "card soft" }, "Choose a sound and press “Encode and decode”."));

await told(offer)();
await told(list)();
const { job, comparison } = place();
try {
  if (comparison) await open(comparison);
  else if (job) await watch(await get(`/api/jobs/${job}`));
} catch (error) {
  notice(error.message);
}
addEventListener("keydown", (event) => shown?.key(event));
