// Listen: blind tests. The page knows labels only; what stands behind them the studio tells when a session is over.
import { get, post } from "./api.js";
import { check, field, goTo, h, main, notice, place, told, when } from "./dom.js";
import { resultsView } from "./results.js";
import { Trial } from "./trial.js";
import { shell } from "./shell.js";

const KINDS = { abx: "ABX", mushra: "MUSHRA", preference: "Preference" };
const stage = h("div", { id: "stage" });
let trial = null;

async function home() {
  trial?.close();
  const { from } = place();
  goTo({});
  const [tests, comparisons] = await Promise.all([get("/api/tests"), get("/api/comparisons")]);
  stage.replaceChildren(h("div", { class: "columns" }, h("section", { class: "card" }, h("h2", {}, "Tests"), tests.length ? h("ul", { class: "plain" }, tests.map(testItem)) : h("p", { class: "soft" }, "None yet. Make one of comparisons, or start the studio with --test.")), form(comparisons, from)));
}

function testItem(test) {
  const name = h("input", { type: "text", maxlength: "100", placeholder: "Your name", "aria-label": `Your name for ${test.name}`, autocomplete: "name" });
  const begin = told(async (event) => {
    event.preventDefault();
    if (!name.value.trim()) {
      name.focus();
      throw new Error("Say who listens: a name or a number.");
    }
    await session((await post(`/api/tests/${test.id}/sessions`, { name: name.value.trim() })).id);
  });
  return h("li", { "data-test": test.id, class: "stack" },
    h("div", { class: "row" }, h("strong", {}, test.name), h("span", { class: "tag" }, KINDS[test.kind]), h("span", { class: "soft small" }, `${test.trials} trials, ${test.finished} of ${test.started} sessions over, ${when(test.created)}`)),
    test.notes.map((note) => h("p", { class: "soft small" }, note)),
    h("form", { class: "row", onsubmit: begin }, h("span", {}, name), h("button", { class: "main" }, "Begin or go on"), h("button", { type: "button", onclick: told(() => results(test.id)) }, "Results")));
}

function form(comparisons, from) {
  const name = h("input", { type: "text", value: "Listening test", maxlength: "200", required: true });
  const kind = h("select", {}, Object.entries({ abx: "ABX: can it be told from the original?", mushra: "MUSHRA: how good are the versions?", preference: "Preference: which one is better?" }).map(([value, text]) => h("option", { value }, text)));
  const trials = h("input", { type: "number", min: "1", max: "100", placeholder: "10 for ABX, 1 for preference" });
  const seed = h("input", { type: "number", min: "0", value: "0" }), match = h("input", { type: "checkbox", checked: true });
  const boxes = comparisons.map((one) => h("input", { type: "checkbox", value: one.id, checked: from ? one.id === from : false }));
  const make = told(async (event) => {
    event.preventDefault();
    const picked = comparisons.filter((one, index) => boxes[index].checked);
    if (!picked.length) throw new Error("Choose at least one comparison.");
    const items = picked.map((one) => ({ name: one.sound.name, reference: one.sound.id, versions: one.versions.map((version) => ({ name: version.name, sound: version.sound.id })) }));
    await post("/api/tests", { name: name.value, kind: kind.value, items, trials: trials.value ? Number(trials.value) : null, seed: Number(seed.value), level_match: match.checked });
    await home();
  });
  return h("section", { class: "card" }, h("h2", {}, "New test"), h("form", { class: "stack", id: "new-test", onsubmit: make },
    field("Name", name), field("Kind", kind),
    h("fieldset", {}, h("legend", {}, "Comparisons to judge"), comparisons.map((one, index) => check(`${one.sound.name}: ${one.versions.map((version) => version.name).join(", ")}`, boxes[index])), !comparisons.length && h("p", { class: "soft" }, h("a", { href: "/compare" }, "Compare"), " a sound first.")),
    h("div", { class: "grid2" }, field("Trials", trials), field("Seed", seed)), check("Match levels", match), h("div", {}, h("button", { class: "main", disabled: !comparisons.length }, "Make the test"))));
}

async function session(identity) {
  trial?.close();
  const now = await get(`/api/sessions/${identity}`);
  goTo({ session: identity });
  if (now.finished) return results(now.test, now);
  const asked = await get(`/api/sessions/${identity}/trials/${now.answered}`);
  trial = new Trial(now, asked, told(async (answer) => {
    await post(`/api/sessions/${identity}/trials/${now.answered}`, answer);
    await session(identity);
  }));
  stage.replaceChildren(h("div", { class: "row" }, h("button", { type: "button", onclick: told(home) }, "Leave for now"), h("span", { class: "soft" }, `${now.name}, ${now.listener}`), h("span", { class: "push soft", id: "count" }, `Trial ${now.answered + 1} of ${now.trials}`)), h("progress", { max: now.trials, value: now.answered, "aria-label": "Trials answered" }), trial.element);
  await trial.load();
}

async function results(test, over = null) {
  trial?.close();
  goTo({ results: test });
  const found = await get(`/api/tests/${test}/results`);
  stage.replaceChildren(h("div", { class: "row" }, h("button", { type: "button", onclick: told(home) }, "All tests"), over && h("strong", { id: "over" }, `Thank you, ${over.listener}: that was the last trial.`)), resultsView(found));
}

shell();
main().append(h("h1", {}, "Listen"), h("p", { class: "soft" }, "Blind tests: nothing tells which version is which until a session is over. Close the page when you like; the same name goes on."), stage);
const { session: open, results: shown } = place();
try {
  if (open) await session(open);
  else if (shown) await results(shown);
  else await home();
} catch (error) {
  notice(error.message);
  await home();
}
addEventListener("keydown", (event) => trial?.key(event));
