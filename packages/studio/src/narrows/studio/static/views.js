// A sound to look at: waveform and spectrogram with a cursor; click to go somewhere, drag to mark a region.
import { h, seconds } from "./dom.js";
import { drawSpectrum, drawWave } from "./spectrum.js";

export class SoundView {
  /**
   * @param {object} options `seek(place)`, `mark([start, end] | null)`, `spectrum: false` for the waveform alone
   */
  constructor({ seek = () => {}, mark = () => {}, spectrum = true, label = "Position" } = {}) {
    this.seek = seek;
    this.mark = mark;
    this.duration = 0;
    this.wave = h("canvas", { class: "wave", "aria-hidden": "true" });
    this.spectrum = spectrum ? h("canvas", { class: "spectrum", "aria-hidden": "true" }) : null;
    this.cursor = h("div", { class: "cursor" });
    this.scale = h("span", { class: "scale" });
    this.element = h("div", { class: "view", tabindex: "0", role: "slider", "aria-label": label, "aria-valuemin": "0" },
      this.wave, this.spectrum, this.scale, this.cursor);
    this.regions = [];
    this.#listen();
    new ResizeObserver(() => this.buffer && this.width !== this.element.clientWidth && this.draw(this.buffer)).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.buffer && this.draw(this.buffer));
  }

  draw(buffer) {
    this.buffer = buffer;
    this.duration = buffer.duration;
    this.width = this.element.clientWidth;
    this.element.setAttribute("aria-valuemax", this.duration.toFixed(2));
    if (!this.width) return; // not shown yet: the observer draws it
    drawWave(this.wave, buffer);
    if (this.spectrum) drawSpectrum(this.spectrum, buffer);
    this.scale.textContent = this.spectrum ? `${(buffer.sampleRate / 2000).toFixed(1)} kHz` : "";
    this.scale.style.top = "100px";
  }

  show(position) {
    this.cursor.style.left = `${this.duration ? (100 * position) / this.duration : 0}%`;
    this.element.setAttribute("aria-valuenow", position.toFixed(2));
    this.element.setAttribute("aria-valuetext", `${seconds(position)} of ${seconds(this.duration)}`);
  }

  /** Show regions, each [start, end] in seconds. */
  setRegions(regions) {
    this.element.querySelectorAll(".region").forEach((old) => old.remove());
    this.regions = regions;
    for (const [start, end] of regions) {
      const part = h("div", { class: "region" });
      part.style.left = `${(100 * start) / this.duration}%`;
      part.style.width = `${(100 * (end - start)) / this.duration}%`;
      this.element.append(part);
    }
  }

  #listen() {
    const at = (event) => {
      const box = this.element.getBoundingClientRect();
      return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * this.duration;
    };
    let from = null, before = [];
    this.element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      from = { place: at(event), x: event.clientX };
      before = this.regions;
      this.element.setPointerCapture(event.pointerId);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (from && Math.abs(event.clientX - from.x) > 4) this.setRegions([...this.keeps ?? [], ordered(from.place, at(event))]);
    });
    this.element.addEventListener("pointerup", (event) => {
      if (!from) return;
      const dragged = Math.abs(event.clientX - from.x) > 4, region = ordered(from.place, at(event));
      from = null;
      if (dragged && region[1] - region[0] > 0.01) this.mark(region);
      else {
        this.setRegions(before);
        this.seek(at(event));
      }
    });
    this.element.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -5, PageUp: 5 }[event.key];
      const now = Number(this.element.getAttribute("aria-valuenow") ?? 0);
      if (step !== undefined) this.seek(Math.min(Math.max(now + step * (event.shiftKey ? 0.1 : 1), 0), this.duration));
      else if (event.key === "Home") this.seek(0);
      else if (event.key === "End") this.seek(this.duration);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
}

const ordered = (a, b) => [Math.min(a, b), Math.max(a, b)];
