// Generate: a form made of the model's conditions, the work with its preview, and what was made before.
import { bytes, follow, get, post } from "./api.js";
import { soundsChanged } from "./chooser.js";
import { copyable, field, goTo, h, main, notice, place, told, when } from "./dom.js";
import { RequestForm } from "./request_form.js";
import { jobView, shell } from "./shell.js";

const models = h("select", { id: "model", onchange: () => use(models.value) });
const formPlace = h("div", { id: "form" }), work = h("div", { id: "work", class: "stack" }), history = h("div", { id: "history" });
const start = h("button", { class: "main", type: "submit", id: "start" }, "Generate");
let known = [], form = null;

function use(name, request = null, count = 1) {
  const model = known.find((one) => one.name === name);
  if (!model) return;
  models.value = name;
  form = new RequestForm(model, request, count);
  formPlace.replaceChildren(form.element);
}

const begin = told(async (event) => {
  event.preventDefault();
  const job = await post("/api/generations", { model: models.value, request: form.request(), count: form.count });
  goTo({ job: job.id });
  await watch(job);
});

async function watch(job) {
  const view = jobView(job), preview = h("div", { class: "preview" });
  const entry = h("div", { class: "card stack" }, view.element, preview);
  work.prepend(entry);
  entry.scrollIntoView({ block: "nearest" });
  let heard = 0, busy = false;
  const over = await follow(job.id, async (now) => {
    view.show(now);
    if (busy || now.state !== "running") return;
    busy = true;
    try {
      const { previews } = await get(`/api/generations/${now.result}`);
      if (previews > heard) {
        heard = previews;
        await showPreview(preview, now.result, previews);
      }
    } catch { /* it ended in between */ } finally {
      busy = false;
    }
  });
  if (over.state === "done") {
    entry.remove();
    soundsChanged();
    await list();
    history.querySelector(`[data-generation="${over.result}"] audio`)?.focus();
  } else setTimeout(() => entry.remove(), 15000);
  if (place().job === job.id) goTo({});
}

async function showPreview(box, generation, count) {
  const sound = await bytes(`/api/generations/${generation}/preview`);
  if (!sound.byteLength) return; // the sound itself came in between
  const address = URL.createObjectURL(new Blob([sound], { type: "audio/wav" }));
  const old = box.querySelector("audio");
  if (old && !old.paused) return; // who listens is not interrupted
  if (old) URL.revokeObjectURL(old.src);
  box.replaceChildren(h("span", { class: "soft small" }, `Preview ${count}: what the model means so far`), h("audio", { controls: true, src: address, "aria-label": "Preview" }));
}

async function list() {
  const all = await get("/api/generations");
  history.replaceChildren(...(all.length ? all.slice(0, 40).map(entry) : [h("p", { class: "card soft" }, "Nothing yet.")]));
}

function entry(one) {
  const sounds = known.find((model) => model.name === one.model)?.form.fields.filter((field) => ["audio", "sources"].includes(field.kind)).map((field) => field.id) ?? [];
  const words = [one.request.prompt, ...Object.entries(one.request.conditions ?? {}).filter(([, value]) => value !== one.request.prompt).map(([key, value]) => (!sounds.includes(key) ? `${key} ${value}` : Object.keys(value).length ? `${key} of a sound` : ""))].filter(Boolean).join(", ");
  const again = (change) => () => {
    use(one.model, { ...one.request, ...change }, one.count);
    document.getElementById("form").scrollIntoView({ block: "center" });
  };
  return h("article", { class: "card stack", "data-generation": one.id },
    h("div", { class: "row" }, h("strong", {}, words || "without a prompt"), h("span", { class: "soft small" }, `${one.model}, seed ${one.request.seed}, ${when(one.created)}`), h("span", { class: "push" }, h("button", { type: "button", class: "again", onclick: again({}) }, "To the form"))),
    one.sounds.map((sound) => h("div", { class: "stack" }, h("audio", { controls: true, preload: "none", src: `/api/sounds/${sound.id}/audio`, "aria-label": sound.name }),
      h("div", { class: "row small" }, h("a", { href: `/api/sounds/${sound.id}/audio`, download: sound.name }, "Download"),
        diffuses(one.model) && h("button", { type: "button", class: "link", onclick: again({ init_audio: sound.id, seed: null, inpaint: null, regions: [] }) }, "Vary"),
        diffuses(one.model) && h("button", { type: "button", class: "link", onclick: again({ inpaint: sound.id, regions: [], init_audio: null }) }, "Inpaint")))),
    !one.sounds.length && h("p", { class: "soft small" }, "No sound: it waits, failed or was cancelled."),
    h("details", {}, h("summary", {}, "Request and command"), copyable("JSON", JSON.stringify(one.request, null, 2)), copyable("Command", one.command)));
}

const diffuses = (name) => known.find((one) => one.name === name)?.kind === "diffusion";

shell();
main().append(h("h1", {}, "Generate"), h("div", { class: "columns aside" },
  h("form", { class: "card stack", onsubmit: begin, "aria-label": "Request" }, field("Model", models), formPlace, h("div", {}, start)),
  h("div", {}, work, h("h2", {}, "History"), history)));
try {
  known = (await get("/api/models")).filter((model) => model.kind !== "codec");
  models.replaceChildren(...known.map((model) => h("option", { value: model.name }, model.name)));
  start.disabled = !known.length;
  if (!known.length) formPlace.append(h("p", { class: "soft" }, "The studio was given no model that generates: start it with `narrows studio MODEL`."));
  else use(known[0].name);
  await list();
  // What still runs is shown again after a reload.
  for (const job of (await get("/api/jobs")).filter((one) => one.kind === "generation" && ["queued", "running"].includes(one.state))) told(watch)(job);
} catch (error) {
  notice(error.message);
}
