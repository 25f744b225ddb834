// One trial of a blind test: the sounds by their labels, and the answer.
import { bytes } from "./api.js";
import { h, told } from "./dom.js";
import { outline, Player } from "./player.js";
import { SoundView } from "./views.js";

const BANDS = ["bad", "poor", "fair", "good", "excellent"];
const WORDS = { abx: { A: "X is A", B: "X is B" }, preference: { A: "A is better", none: "No preference", B: "B is better" } };

export class Trial {
  /** @param {(answer) => void} answered is given the answer */
  constructor(session, trial, answered) {
    Object.assign(this, { session, trial, answered });
    this.view = new SoundView({ spectrum: false, seek: (place) => this.player?.seek(place), mark: (region) => this.#mark(region) });
    this.play = h("button", { type: "button", class: "main", id: "play", disabled: true, onclick: told(() => this.player?.toggle()) }, "Play", h("kbd", {}, "Space"));
    this.buttons = trial.labels.map((label) => h("button", { type: "button", role: "radio", "aria-checked": "false", "data-label": label, onclick: () => this.player?.select(label) }, label, label.length === 1 && h("kbd", {}, label)));
    this.element = h("section", { class: "card stack trial", "aria-label": `Trial ${trial.index + 1}` }, h("h2", {}, trial.question),
      h("div", { class: "row" }, this.play, h("div", { class: "versions", role: "radiogroup", "aria-label": "Sound" }, this.buttons)),
      this.view.element, h("p", { class: "soft small" }, "Drag over the waveform to loop a part, Esc ends that."), this.#answers());
  }

  async load() {
    // No rate is asked for: all sounds of a trial have the same.
    const context = new AudioContext();
    this.player = new Player(context);
    const base = `/api/sessions/${this.session.id}/trials/${this.trial.index}/sounds`;
    const buffers = await Promise.all(this.trial.labels.map(async (label) => context.decodeAudioData(await bytes(`${base}/${encodeURIComponent(label)}`))));
    if (this.closed) return;
    this.trial.labels.forEach((label, index) => this.player.add(label, buffers[index]));
    this.player.addEventListener("change", () => this.#show());
    // A picture of one would tell the sounds apart, unless it is the open reference.
    this.view.draw(this.trial.labels[0] === "Reference" ? buffers[0] : outline(context, buffers));
    this.play.disabled = false;
    this.element.dataset.ready = "true";
    this.#show();
    const tick = () => {
      if (this.closed) return;
      this.view.show(this.player.position);
      requestAnimationFrame(tick);
    };
    tick();
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    this.player?.close();
    this.player?.context.close();
  }

  key(event) {
    if (this.closed || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const label = this.trial.labels.find((one) => one.toLowerCase() === event.key.toLowerCase()) ?? (event.key === "0" ? "Reference" : null);
    if (event.key === " ") {
      this.player?.toggle();
      if (event.target.closest("button")) event.target.blur();
    } else if (event.key === "Escape") this.#mark(null);
    else if (label) this.player?.select(label);
    else return;
    event.preventDefault();
  }

  #mark(region) {
    this.view.setRegions(region ? [region] : []);
    this.player?.setLoop(region);
  }

  #show() {
    this.play.firstChild.textContent = this.player.playing ? "Pause" : "Play";
    for (const button of this.buttons) button.setAttribute("aria-checked", button.dataset.label === this.player.selected);
  }

  #answers() {
    if (this.trial.rated.length) return this.#ratings();
    const words = WORDS[this.session.kind];
    return h("div", { class: "choices" }, this.trial.choices.map((choice) => h("button", { type: "button", "data-choice": choice, onclick: () => this.#answer({ choice }) }, words[choice])));
  }

  #ratings() {
    const touched = new Set(), next = h("button", { type: "button", class: "main", id: "next", disabled: true, onclick: () => this.#answer({ ratings: Object.fromEntries(sliders.map((slider) => [slider.name, Number(slider.value)])) }) }, "Next");
    const sliders = this.trial.rated.map((label) => {
      const slider = h("input", { type: "range", min: "0", max: "100", value: "50", name: label, "aria-label": `Rating of sound ${label}`, oninput: () => {
        touched.add(label);
        slider.parentElement.querySelector("output").textContent = slider.value;
        next.disabled = touched.size < this.trial.rated.length;
      }, onpointerdown: () => this.player?.select(label), onfocus: () => this.player?.select(label) });
      return slider;
    });
    return h("div", { class: "stack" }, h("div", { class: "bands", "aria-hidden": "true" }, BANDS.map((band) => h("span", {}, band))),
      sliders.map((slider) => h("div", { class: "rating" }, h("label", {}, `Sound ${slider.name}`), slider, h("output", {}, "–"))), h("div", {}, next, h("span", { class: "soft small" }, " Rate every sound; the hidden reference is among them and should get 100.")));
  }

  #answer(answer) {
    this.element.querySelectorAll(".choices button, #next").forEach((button) => { button.disabled = true; });
    this.close();
    this.answered(answer);
  }
}
