// A sound that a request names: chosen, told by its name, to be heard, and taken away again.
import { get } from "./api.js";
import { chooser } from "./chooser.js";
import { h, told } from "./dom.js";

export class SoundPicker {
  /**
   * @param {string} label what the sound is for
   * @param {string | null} given id of the sound that is chosen at first
   * @param {object} options `name` for the page's scripts, `open` to show it at once, `changed(sound, fresh)` is told of
   *   every choice, null for none; `fresh` is false for the sound that was given
   */
  constructor(label, given, { name, open = Boolean(given), changed = () => {} }) {
    this.value = null;
    this.text = h("p", { class: "soft small" }, "No sound is chosen.");
    this.heard = h("audio", { controls: true, preload: "none", hidden: true, "aria-label": `Chosen: ${label}` });
    this.clear = h("button", { type: "button", class: "link", hidden: true, onclick: () => this.#use(null, changed) }, "Take it away");
    this.more = h("div", { class: "stack" });
    this.element = h("details", { open, "data-sound": name }, h("summary", {}, label), h("div", { class: "stack" },
      chooser((sound) => this.#use(sound, changed), { label }), h("div", { class: "row" }, this.text, this.clear), this.heard, this.more));
    if (given) {
      this.value = given; // the request holds it, also before it is known by name
      told(async () => this.#use(await get(`/api/sounds/${given}`), changed, false))();
    }
  }

  async #use(sound, changed, fresh = true) {
    this.value = sound?.id ?? null;
    this.clear.hidden = this.heard.hidden = !sound;
    this.text.textContent = sound ? `${sound.name} (${sound.seconds.toFixed(2)} s)` : "No sound is chosen.";
    if (sound) this.heard.src = `/api/sounds/${sound.id}/audio`;
    else this.heard.removeAttribute("src");
    await told(changed)(sound, fresh);
  }
}
