// A session of a blind test: trial after trial. The page knows labels only.
import { get, post } from "./api.js";
import { goTo, h, told } from "./dom.js";
import { Trial } from "./trial.js";

export class Session {
  /**
   * @param {HTMLElement} stage where it is shown
   * @param {object} options `over(session)` when the last trial is answered, `leave()` for a button that goes elsewhere
   */
  constructor(stage, { over, leave = null }) {
    Object.assign(this, { stage, over, leave, trial: null });
    addEventListener("keydown", (event) => this.trial?.key(event));
  }

  close() {
    this.trial?.close();
  }

  /** Show the trial that is next. */
  async go(identity) {
    this.close();
    const now = await get(`/api/sessions/${identity}`), path = `/api/sessions/${identity}/trials/${now.answered}`;
    goTo({ session: identity });
    if (now.finished) return this.over(now);
    this.trial = new Trial(now, await get(path), told(async (answer) => {
      await post(path, answer);
      await this.go(identity);
    }));
    this.stage.replaceChildren(h("div", { class: "row" }, this.leave && h("button", { type: "button", onclick: told(this.leave) }, "Leave for now"), h("span", { class: "soft" }, `${now.name}, ${now.listener}`), h("span", { class: "push soft", id: "count" }, `Trial ${now.answered + 1} of ${now.trials}`)), h("progress", { max: now.trials, value: now.answered, "aria-label": "Trials answered" }), this.trial.element);
    return this.trial.load();
  }
}

/** The form in which somebody says who listens; `begun` is told of the session. */
export function beginForm(test, label, begun, ...more) {
  const name = h("input", { type: "text", maxlength: "100", placeholder: "Your name", "aria-label": label, autocomplete: "name" });
  const begin = told(async (event) => {
    event.preventDefault();
    if (!name.value.trim()) {
      name.focus();
      throw new Error("Say who listens: a name or a number.");
    }
    await begun((await post(`/api/tests/${test}/sessions`, { name: name.value.trim() })).id);
  });
  return h("form", { class: "row", onsubmit: begin }, h("span", {}, name), h("button", { class: "main" }, "Begin or go on"), more);
}
