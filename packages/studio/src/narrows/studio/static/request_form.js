// The form of a generative model: one input for each condition, by its kind, and the options of the sampler.
import { bytes } from "./api.js";
import { check, field, h } from "./dom.js";
import { SoundPicker } from "./sound_picker.js";
import { SoundView } from "./views.js";

export class RequestForm {
  constructor(model, request, count) {
    this.model = model;
    this.given = request ?? {};
    this.inputs = new Map(); // field of the request -> () => value
    this.conditions = new Map();
    this.audio = {};
    const tokens = model.kind === "language_model";
    this.element = h("div", { class: "stack" }, this.#conditions(), this.#length(tokens), tokens ? this.#tokens() : this.#sampler(),
      tokens ? this.#sound("prompt_audio", "Continue a sound") : [this.#sound("init_audio", "Vary a sound"), this.#sound("inpaint", "Inpaint: make regions anew")]);
    this.times = this.#number("Sounds", null, { min: 1, max: 8, value: count, step: 1 });
    this.element.querySelector(".length").append(this.times.element);
  }

  get count() {
    return Number(this.times.input.value) || 1;
  }

  /** The request, without what is left empty. */
  request() {
    const made = {}, conditions = {};
    for (const [name, read] of this.conditions) {
      const value = read();
      if (value !== null && value !== "") conditions[name] = value; // no sources at all are a value: {}
    }
    for (const [name, read] of this.inputs) {
      const value = read();
      if (value !== null && value !== "" && value !== false) made[name] = value;
    }
    const { unwanted, ...request } = made;
    if (unwanted) request.negative = unwanted;
    if (Object.keys(conditions).length) request.conditions = conditions;
    if (request.init_audio === undefined) delete request.init_noise_level;
    if (request.inpaint === undefined) delete request.regions;
    return request;
  }

  #number(label, name, { value = name ? this.given[name] ?? "" : "", hint = "", ...attributes } = {}) {
    const given = Object.entries({ ...attributes, value }).map(([key, one]) => [key, typeof one === "number" ? String(one) : one]);
    const input = h("input", { type: "number", step: "any", ...Object.fromEntries(given) });
    if (name) {
      input.id = `request-${name}`;
      this.inputs.set(name, () => (input.value === "" ? null : Number(input.value)));
    }
    return { input, element: field(label, input, hint) };
  }

  #select(label, name, options, fallback) {
    const input = h("select", { id: `request-${name}` }, h("option", { value: "" }, fallback), options.map((option) => h("option", { value: option }, option)));
    input.value = this.given[name] ?? "";
    this.inputs.set(name, () => input.value);
    return field(label, input);
  }

  #conditions() {
    const { fields, text } = this.model.form, rows = [this.#unwanted()];
    if (text) {
      const input = h("textarea", { id: "request-prompt", placeholder: "What it should sound like" }, this.given.prompt ?? this.given.conditions?.[text] ?? "");
      this.inputs.set("prompt", () => input.value.trim());
      rows.push(field("Prompt", input));
    }
    for (const one of fields) if (one.id !== text) rows.push(this.#condition(one));
    return rows;
  }

  /** Conditions to stay away from, which scripts can ask for, are kept or dropped as a whole. */
  #unwanted() {
    const { negative } = this.given;
    if (negative === null || typeof negative !== "object") return null;
    const kept = h("input", { type: "checkbox", id: "request-unwanted", checked: true });
    this.inputs.set("unwanted", () => (kept.checked ? negative : null));
    return h("div", { class: "stack" }, check("Stay away from these conditions", kept), h("pre", {}, JSON.stringify(negative)));
  }

  #condition(one) {
    const value = this.given.conditions?.[one.id] ?? (one.id in (this.given.conditions ?? {}) ? null : undefined), id = `condition-${one.id}`;
    if (one.kind === "choice") {
      const input = h("select", { id }, one.options.map((option) => h("option", { value: option }, option)));
      input.value = value ?? this.given.prompt ?? one.options[0] ?? "";
      this.conditions.set(one.id, () => input.value);
      return field(one.id, input);
    }
    if (one.kind === "number" || one.kind === "integer") {
      const input = h("input", { id, type: "number", min: String(one.min), max: String(one.max), step: one.kind === "integer" ? "1" : "any", required: true, value: String(value ?? one.min) });
      this.conditions.set(one.id, () => (input.value === "" ? null : Number(input.value)));
      return field(one.id, input, `${one.min} to ${one.max}`);
    }
    if (one.kind === "text") {
      const input = h("input", { id, type: "text", value: value ?? "" });
      this.conditions.set(one.id, () => input.value.trim());
      return field(one.id, input);
    }
    if (one.kind === "audio") {
      const picker = new SoundPicker(one.id, value, { name: id, open: true });
      this.conditions.set(one.id, () => picker.value);
      return picker.element;
    }
    if (one.kind === "sources") {
      const pickers = one.options.map((source) => [source, new SoundPicker(`${one.id}: ${source}`, value?.[source], { name: `${id}-${source}` })]);
      this.conditions.set(one.id, () => Object.fromEntries(pickers.map(([source, picker]) => [source, picker.value]).filter(([, sound]) => sound)));
      return pickers.map(([, picker]) => picker.element);
    }
    return h("p", { class: "soft small" }, `${one.id} cannot be given here: call the model from Python.`);
  }

  #length(tokens) {
    const { max_seconds: longest } = this.model.form;
    return h("div", { class: "grid2 length" },
      this.#number("Seconds", "seconds", { min: 0.01, required: tokens, value: this.given.seconds ?? (tokens ? 5 : ""), hint: longest ? `${longest.toFixed(1)} unless you say` : "" }).element,
      this.#number("Seed", "seed", { min: 0, step: 1, hint: "Empty for another one each time." }).element);
  }

  #sampler() {
    const { samplers, schedules, defaults } = this.model.form, negative = h("input", { type: "text", id: "request-negative", value: typeof this.given.negative === "string" ? this.given.negative : "" });
    if (this.model.form.text) this.inputs.set("negative", () => negative.value.trim());
    const loop = h("input", { type: "checkbox", id: "request-loop", checked: Boolean(this.given.loop) });
    this.inputs.set("loop", () => loop.checked);
    return h("details", { open: true }, h("summary", {}, "Sampler"), h("div", { class: "stack" },
      this.model.form.text && field("Stay away from", negative),
      h("div", { class: "grid2" }, this.#number("Steps", "steps", { min: 1, max: 1000, step: 1, hint: defaults.steps ? `${defaults.steps} unless you say` : "" }).element, this.#number("Guidance", "cfg_scale", { hint: "1 is none." }).element),
      h("div", { class: "grid2" }, this.#select("Sampler", "sampler", samplers, defaults.sampler ?? "usual"), this.#select("Schedule", "schedule", schedules, defaults.schedule ?? "its own")),
      h("div", { class: "grid2" }, this.#number("Extend by seconds", "extend", { min: 0.01 }).element), check("Loop without a seam", loop)));
  }

  #tokens() {
    return h("details", { open: true }, h("summary", {}, "Draws"), h("div", { class: "grid2" }, this.#number("Temperature", "temperature", { min: 0 }).element, this.#number("Top k", "top_k", { min: 0, step: 1 }).element, this.#number("Top p", "top_p", { min: 0, max: 1 }).element, this.#number("Guidance", "cfg_scale").element));
  }

  /** A sound that the request names; for inpainting, regions are dragged on its waveform. */
  #sound(name, label) {
    let regions = name === "inpaint" && this.given.inpaint ? this.given.regions ?? [] : [];
    const picker = new SoundPicker(label, this.given[name], { name, changed: async (sound, fresh) => {
      if (fresh) regions = [];
      if (name === "inpaint") await this.#regions(picker.more, sound, () => regions, (chosen) => { regions = chosen; });
    } });
    this.inputs.set(name, () => picker.value);
    if (name === "inpaint") this.inputs.set("regions", () => (regions.length ? regions : null));
    if (name === "init_audio") picker.element.lastElementChild.append(this.#number("Noise level", "init_noise_level", { min: 0, hint: "More is further from the sound." }).element);
    return picker.element;
  }

  /** The waveform of a sound with the regions to be made anew. */
  async #regions(box, sound, regions, set) {
    box.replaceChildren();
    if (!sound) return;
    const list = h("p", { class: "small", id: "regions" }), context = new OfflineAudioContext(1, 1, Math.min(Math.max(sound.sample_rate, 8000), 96000));
    const show = () => {
      view.keeps = regions();
      view.setRegions(regions());
      list.textContent = regions().length ? `Made anew: ${regions().map(([start, end]) => `${start.toFixed(2)} to ${end.toFixed(2)} s`).join(", ")}. A click forgets them.` : "Drag over the waveform what is to be made anew.";
    };
    const view = new SoundView({ spectrum: false, label: "Regions to inpaint", mark: (region) => { set([...regions(), region.map((place) => Math.round(place * 1000) / 1000)]); show(); }, seek: () => { set([]); show(); } });
    view.cursor.hidden = true; // nothing plays here
    box.append(view.element, list);
    view.draw(await context.decodeAudioData(await bytes(`/api/sounds/${sound.id}/audio`)));
    show();
  }
}
