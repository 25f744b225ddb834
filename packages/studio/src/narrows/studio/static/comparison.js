// A comparison: the player, its views, and the figures.
import { bytes } from "./api.js";
import { h, number, seconds, told } from "./dom.js";
import { contextFor, difference, Player } from "./player.js";
import { SoundView } from "./views.js";

const ORIGINAL = "original";
const UPWARD = ["si_sdr", "aligned_si_sdr", "pesq", "visqol", "codebook_perplexity", "real_time_factor"];
const KEYS = [["Space", "play, pause"], ["1 … 9", "version"], ["O", "original, and back"], ["D", "difference from the original"], ["M", "match levels"], ["L", "loop the region"], ["← →", "1 s back, on"], ["Home", "to the start"], ["Esc", "forget the region"]];

export class Comparison {
  constructor(document) {
    this.document = document;
    this.names = [ORIGINAL, ...document.versions.map((version) => version.name)];
    this.base = this.names[1] ?? ORIGINAL;
    this.differs = false;
    this.region = null;
    this.view = new SoundView({ seek: (place) => this.player?.seek(place), mark: (region) => this.#mark(region) });
    this.element = h("div", { class: "card stack comparison" }, h("div", { class: "row" }, h("h2", {}, document.sound.name), h("span", { class: "push row" },
      h("a", { class: "button", href: `/listen#from=${document.id}` }, "Blind test"),
      h("a", { class: "button", id: "download", href: `/api/comparisons/${document.id}/zip`, download: "" }, "Download all (zip)"))),
    this.#bar(), this.view.element, this.#table(), this.#keys());
  }

  async load() {
    const context = contextFor(this.document.sound.sample_rate);
    const player = new Player(context);
    const sounds = [this.document.sound, ...this.document.versions.map((version) => version.sound)];
    const buffers = await Promise.all(sounds.map(async (sound) => context.decodeAudioData(await bytes(`/api/sounds/${sound.id}/audio`))));
    this.names.forEach((name, index) => player.add(name, buffers[index], index ? 10 ** (this.document.versions[index - 1].gain_db / 20) : 1));
    this.names.slice(1).forEach((name, index) => player.add(`difference ${name}`, difference(context, buffers[0], buffers[index + 1])));
    this.player = player;
    player.addEventListener("change", () => this.#show());
    this.element.dataset.ready = "true";
    this.select(ORIGINAL);
    const tick = () => {
      if (this.closed) return;
      this.#tick();
      requestAnimationFrame(tick);
    };
    tick();
  }

  close() {
    this.closed = true;
    this.player?.close();
    this.player?.context.close();
  }

  /** Hear a version, or what it differs by. */
  select(name) {
    if (name !== ORIGINAL) this.base = name;
    else this.differs = false;
    this.#choose(name);
  }

  #choose(name) {
    this.player?.select(this.differs && name !== ORIGINAL ? `difference ${name}` : name);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, summary")) return;
    const index = Number(event.key) - 1;
    const act = { " ": () => this.player?.toggle(), o: () => this.select(this.current === ORIGINAL ? this.base : ORIGINAL), d: () => this.#differ(), m: () => this.player?.match(!this.player.matched), l: () => this.#loop(), Home: () => this.player?.seek(0), Escape: () => this.#mark(null), ArrowLeft: () => this.player?.seek(this.player.position - 1), ArrowRight: () => this.player?.seek(this.player.position + 1) }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) act();
    else if (index >= 0 && index < this.names.length) this.select(this.names[index]);
    else return;
    if (event.key === " " && event.target.closest("button, a")) event.target.blur();
    event.preventDefault();
  }

  get current() {
    return this.player?.selected.replace(/^difference /, "") ?? ORIGINAL;
  }

  #differ() {
    this.differs = !this.differs;
    this.#choose(this.current === ORIGINAL ? this.base : this.current);
  }

  #mark(region) {
    this.region = region;
    this.view.setRegions(region ? [region] : []);
    this.player?.setLoop(region);
  }

  #loop() {
    if (this.region) this.player?.setLoop(this.player.loop ? null : this.region);
  }

  #bar() {
    const button = (id, text, key, act) => h("button", { type: "button", id, "aria-pressed": "false", onclick: told(act) }, text, h("kbd", {}, key));
    this.play = button("play", "Play", "Space", () => this.player?.toggle());
    this.play.classList.add("main");
    this.diff = button("difference", "Difference", "D", () => this.#differ());
    this.level = button("match", "Match levels", "M", () => this.player?.match(!this.player.matched));
    this.loop = button("loop", "Loop", "L", () => this.#loop());
    this.time = h("span", { class: "time", role: "timer", "aria-label": "Position" });
    this.buttons = this.names.map((name, index) => h("button", { type: "button", role: "radio", "aria-checked": "false", "data-version": name, onclick: () => this.select(name) }, name, index < 9 && h("kbd", {}, index + 1)));
    return h("div", { class: "stack" },
      h("div", { class: "row" }, this.play, this.time, h("span", { class: "row push" }, this.diff, this.level, this.loop)),
      h("div", { class: "versions", role: "radiogroup", "aria-label": "Version" }, this.buttons));
  }

  #show() {
    const { player } = this;
    this.play.firstChild.textContent = player.playing ? "Pause" : "Play";
    this.play.setAttribute("aria-pressed", player.playing);
    this.diff.setAttribute("aria-pressed", this.differs);
    this.level.setAttribute("aria-pressed", player.matched);
    this.loop.setAttribute("aria-pressed", Boolean(player.loop));
    this.loop.disabled = !this.region;
    for (const button of this.buttons) button.setAttribute("aria-checked", button.dataset.version === this.current);
    for (const row of this.element.querySelectorAll("tr[data-version]")) row.classList.toggle("chosen", row.dataset.version === this.current);
    if (this.drawn !== player.selected) {
      this.drawn = player.selected;
      this.view.draw(player.versions.get(player.selected).buffer);
      this.view.setRegions(this.region ? [this.region] : []);
    }
    this.#tick();
  }

  #tick() {
    const { position, duration } = this.player;
    this.view.show(position);
    this.time.textContent = `${seconds(position)} / ${seconds(duration)}`;
  }

  #table() {
    const { versions } = this.document, names = [...new Set(versions.flatMap((version) => Object.keys(version.metrics)))];
    const best = Object.fromEntries(names.map((name) => {
      const values = versions.map((version) => version.metrics[name]).filter((value) => value !== null && value !== undefined);
      const size = name === "loudness_difference" || name === "delay_ms" ? values.map(Math.abs) : values;
      return [name, versions.length > 1 && (UPWARD.includes(name) ? Math.max(...size) : Math.min(...size))];
    }));
    const size = (name, value) => (name === "loudness_difference" || name === "delay_ms" ? Math.abs(value) : value);
    const cell = (name, value) => h("td", { class: value !== null && size(name, value) === best[name] ? "best" : "" }, number(value));
    return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Metrics" }, h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "version"), names.map((name) => h("th", { scope: "col" }, name.replaceAll("_", " "))), h("th", { scope: "col" }, "level dB"), h("th", { scope: "col" }, "faults"))),
      h("tbody", {}, versions.map((version) => h("tr", { "data-version": version.name }, h("td", {}, version.name), names.map((name) => cell(name, version.metrics[name] ?? null)), h("td", {}, number(-version.gain_db)), h("td", {}, version.faults.join(", ") || "none"))))));
  }

  #keys() {
    return h("details", {}, h("summary", {}, "Keys"), h("div", { class: "row soft small" }, KEYS.map(([key, text]) => h("span", {}, h("kbd", {}, key), ` ${text}`))), h("p", { class: "soft small" }, "Click in the picture to go there, drag to mark a region, which loops."));
  }
}
