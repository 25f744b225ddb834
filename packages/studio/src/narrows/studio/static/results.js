// What finished sessions of a test say.
import { h, number } from "./dom.js";

const SAID = {
  abx: { value: "share of right answers", unit: 1, note: "p is the probability of so many right answers by guessing (one-sided binomial test); below 0.05 the version can be told from the original." },
  preference: { value: "share for the first", unit: 1, note: "p is the probability of so uneven a preference between two that are alike (two-sided binomial test); answers without a preference are left out." },
  mushra: { value: "mean rating", unit: 100, note: "Ratings from 0 to 100 with 95 % confidence intervals (Student's t). Listeners are left out who rated the hidden reference below 90, or the anchor at 7 kHz above 90, in more than 15 % of the items (ITU-R BS.1534-3)." },
};

export function resultsView({ test, listeners, versions }) {
  const said = SAID[test.kind], rating = test.kind === "mushra";
  const bar = (one) => one.value !== null && h("div", { class: "bar", role: "img", "aria-label": `${number(one.value)}, interval ${number(one.low)} to ${number(one.high)}` }, one.low !== null && span(one.low, one.high, said.unit), dot(one.value, said.unit));
  const rows = versions.map((one) => h("tr", { "data-version": one.name }, h("td", {}, one.name), h("td", {}, number(one.value)), h("td", {}, `${number(one.low)} … ${number(one.high)}`), rating ? h("td", {}, number(one.median)) : h("td", {}, one.p < 0.001 ? one.p.toExponential(1) : number(one.p)), h("td", {}, one.count + (one.ties ? ` (+${one.ties} ties)` : "")), h("td", { class: "wide" }, bar(one))));
  return h("section", { class: "card stack results" }, h("div", { class: "row" }, h("h2", {}, test.name), h("span", { class: "push" }, h("a", { class: "button", href: `/api/tests/${test.id}/results.csv`, download: "" }, "Every answer (CSV)"))),
    versions.length ? h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Figures" }, h("table", {}, h("thead", {}, h("tr", {}, ["version", said.value, "95 % interval", rating ? "median" : "p", rating ? "ratings" : "answers", ""].map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, rows))) : h("p", { class: "soft" }, listeners.length ? "Every listener was left out: there is nothing to average. The answers are in the CSV." : "No session is over yet: until then nothing is told."),
    h("p", { class: "soft small" }, said.note),
    listeners.length > 0 && h("div", {}, h("h3", {}, "Listeners"), h("ul", {}, listeners.map((one) => h("li", {}, one.name, one.kept ? "" : h("span", { class: "bad" }, ` left out: ${one.reason}`))))));
}

function span(low, high, unit) {
  const part = h("div", { class: "span" });
  part.style.left = `${(100 * Math.max(low, 0)) / unit}%`;
  part.style.width = `${(100 * (Math.min(high, unit) - Math.max(low, 0))) / unit}%`;
  return part;
}

function dot(value, unit) {
  const part = h("div", { class: "dot" });
  part.style.left = `${(100 * value) / unit}%`;
  return part;
}
