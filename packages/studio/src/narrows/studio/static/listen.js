// Listen: blind tests. The page knows labels only; what stands behind them the studio tells when a session is over.
import { get, post } from "./api.js";
import { check, copyable, field, goTo, h, main, notice, place, told, when } from "./dom.js";
import { resultsView } from "./results.js";
import { Session, beginForm } from "./session.js";
import { shell } from "./shell.js";

const KINDS = { abx: "ABX", mushra: "MUSHRA", preference: "Preference" };
const stage = h("div", { id: "stage" });
const session = new Session(stage, { over: (now) => results(now.test, now), leave: () => home() });

async function home() {
  session.close();
  const { from } = place();
  goTo({});
  const [tests, comparisons] = await Promise.all([get("/api/tests"), get("/api/comparisons")]);
  stage.replaceChildren(h("div", { class: "columns" }, h("section", { class: "card" }, h("h2", {}, "Tests"), tests.length ? h("ul", { class: "plain" }, tests.map(testItem)) : h("p", { class: "soft" }, "None yet. Make one of comparisons, or start the studio with --test.")), form(comparisons, from)));
}

function testItem(test) {
  const address = `${location.origin}${test.listener_address}`;
  return h("li", { "data-test": test.id, class: "stack" },
    h("div", { class: "row" }, h("strong", {}, test.name), h("span", { class: "tag" }, KINDS[test.kind]), h("span", { class: "soft small" }, `${test.trials} ${test.trials === 1 ? "trial" : "trials"}, ${test.finished} of ${test.started} sessions over, ${when(test.created)}`)),
    test.notes.map((note) => h("p", { class: "soft small" }, note)),
    beginForm(test.id, `Your name for ${test.name}`, (identity) => session.go(identity), h("button", { type: "button", onclick: told(() => results(test.id)) }, "Results")),
    h("details", {}, h("summary", {}, "For other listeners"), copyable("An address that opens this test and nothing else, so that no name can be looked up", address)));
}

function form(comparisons, from) {
  const name = h("input", { type: "text", value: "Listening test", maxlength: "200", required: true });
  const kind = h("select", {}, Object.entries({ abx: "ABX: can it be told from the original?", mushra: "MUSHRA: how good are the versions?", preference: "Preference: which one is better?" }).map(([value, text]) => h("option", { value }, text)));
  const trials = h("input", { type: "number", min: "1", max: "100", "aria-label": "Trials for each version" });
  const seed = h("input", { type: "number", min: "0", placeholder: "secret" }), match = h("input", { type: "checkbox", checked: true });
  const boxes = comparisons.map((one) => h("input", { type: "checkbox", value: one.id, checked: from ? one.id === from : false }));
  const make = told(async (event) => {
    event.preventDefault();
    const picked = comparisons.filter((one, index) => boxes[index].checked);
    if (!picked.length) throw new Error("Choose at least one comparison.");
    const items = picked.map((one) => ({ name: one.sound.name, reference: one.sound.id, versions: one.versions.map((version) => ({ name: version.name, sound: version.sound.id })) }));
    await post("/api/tests", { name: name.value, kind: kind.value, items, trials: trials.value ? Number(trials.value) : null, seed: seed.value === "" ? null : Number(seed.value), level_match: match.checked });
    await home();
  });
  return h("section", { class: "card" }, h("h2", {}, "New test"), h("form", { class: "stack", id: "new-test", onsubmit: make },
    field("Name", name), field("Kind", kind),
    h("fieldset", {}, h("legend", {}, "Comparisons to judge"), comparisons.map((one, index) => check(`${one.sound.name}: ${one.versions.map((version) => version.name).join(", ")}`, boxes[index])), !comparisons.length && h("p", { class: "soft" }, h("a", { href: "/compare" }, "Compare"), " a sound first.")),
    h("div", { class: "grid2" }, field("Trials", trials, "Empty: 10 for ABX, 1 for preference."), field("Seed", seed, "Who knows it can work out what is which.")), check("Match levels", match), h("div", {}, h("button", { class: "main", disabled: !comparisons.length }, "Make the test"))));
}

async function results(test, over = null) {
  session.close();
  goTo({ results: test });
  const found = await get(`/api/tests/${test}/results`);
  stage.replaceChildren(h("div", { class: "row" }, h("button", { type: "button", onclick: told(home) }, "All tests"), over && h("strong", { id: "over" }, `Thank you, ${over.listener}: that was the last trial.`)), resultsView(found));
}

shell();
main().append(h("h1", {}, "Listen"), h("p", { class: "soft" }, "Blind tests: nothing tells which version is which until a session is over. Close the page when you like; the same name goes on."), stage);
const { session: open, results: shown } = place();
try {
  if (open) await session.go(open);
  else if (shown) await results(shown);
  else await home();
} catch (error) {
  notice(error.message);
  await home();
}
