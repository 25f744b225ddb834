// A comparison: the player, its views, and the figures.
import { bytes } from "./api.js";
import { h, number, seconds, told } from "./dom.js";
import { contextFor, difference, Player } from "./player.js";
import { SoundView } from "./views.js";

const ORIGINAL = "original", SHORTEST = 0.01; // seconds
const FIRST = ["kbit_per_second", "payload_kbit_per_second"];
const LABELS = { kbit_per_second: "kbit/s, whole file", payload_kbit_per_second: "kbit/s, tokens or latents", real_time_factor: "times faster than it sounds", delay_ms: "delay, ms", loudness_difference: "loudness difference, LU", si_sdr: "SI-SDR, dB", aligned_si_sdr: "SI-SDR, aligned, dB" };
const UPWARD = ["si_sdr", "aligned_si_sdr", "pesq", "stoi", "visqol", "clap_similarity", "clap_score", "dnsmos", "f0_correlation", "speaker_similarity", "codebook_use", "codebook_perplexity", "codes_kept", "active_dimensions", "real_time_factor"];
const KEYS = [["Space", "play, pause"], ["1 … 9", "version"], ["O", "original, and back"], ["D", "difference from the original"], ["M", "match levels"], ["[ ]", "region from, to here"], ["L", "loop the region"], ["← →", "1 s back, on"], ["Home", "to the start"], ["Esc", "forget the region"]];

/** A number that is larger the worse a value is. */
const badness = (name, value) => (UPWARD.includes(name) ? -value : ["loudness_difference", "delay_ms"].includes(name) ? Math.abs(value) : value);

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
    player.match(true);
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
    const act = { " ": () => this.player?.toggle(), o: () => this.select(this.current === ORIGINAL ? this.base : ORIGINAL), d: () => this.#differ(), m: () => this.player?.match(!this.player.matched), l: () => this.#loop(), "[": () => this.#edge(0), "]": () => this.#edge(1), Home: () => this.player?.seek(0), Escape: () => this.#mark(null), ArrowLeft: () => this.player?.seek(this.player.position - 1), ArrowRight: () => this.player?.seek(this.player.position + 1) }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
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

  /** Put an edge of the region where the player is; a region that is none yet goes from or to the end of the sound. */
  #edge(side) {
    if (!this.player) return;
    const region = [...this.region ?? [0, this.player.duration]];
    region[side] = this.player.position;
    if (region[1] - region[0] < SHORTEST) region[1 - side] = side ? 0 : this.player.duration;
    this.#mark(region[1] - region[0] < SHORTEST ? null : region);
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
    for (const cell of this.element.querySelectorAll("td[data-version], th[data-version]")) cell.classList.toggle("chosen", cell.dataset.version === this.current);
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
    const { versions } = this.document, names = FIRST.concat([...new Set(versions.flatMap((version) => Object.keys(version.metrics)))].filter((name) => !FIRST.includes(name)));
    const row = (label, cells) => h("tr", {}, h("th", { scope: "row" }, label), cells);
    const metric = (name) => {
      const values = versions.map((version) => version.metrics[name] ?? null), sizes = values.filter((value) => value !== null).map((value) => badness(name, value));
      const best = versions.length > 1 && Math.min(...sizes);
      return row(LABELS[name] ?? name.replaceAll("_", " "), values.map((value, index) => h("td", { "data-version": versions[index].name, class: value !== null && badness(name, value) === best ? "best" : "" }, number(value))));
    };
    return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Metrics" }, h("table", {},
      h("thead", {}, h("tr", {}, h("td"), versions.map((version) => h("th", { scope: "col", "data-version": version.name }, version.name)))),
      h("tbody", {}, names.map(metric), row("level, dB beside the original", versions.map((version) => h("td", { "data-version": version.name }, number(-version.gain_db)))), row("faults", versions.map((version) => h("td", { "data-version": version.name, class: "wrap" }, version.faults.join(", ") || "none"))))));
  }

  #keys() {
    return h("details", { open: true }, h("summary", {}, "Keys"), h("div", { class: "row soft small" }, KEYS.map(([key, text]) => h("span", {}, h("kbd", {}, key), ` ${text}`))), h("p", { class: "soft small" }, "Click in the picture to go there, drag to mark a region, which loops."));
  }
}
