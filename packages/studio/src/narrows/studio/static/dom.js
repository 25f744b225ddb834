// Making elements, and telling what went wrong.

/** An element: h("button", { class: "main", onclick: f }, "Text", child, [more]). Text is never parsed as HTML. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && !["list", "form", "type"].includes(key) && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const main = () => document.getElementById("main");

/** Show a message that goes away by itself. */
export function notice(text) {
  const line = h("p", {}, String(text));
  document.getElementById("notice").append(line);
  setTimeout(() => line.remove(), 8000);
}

/** A handler whose failure is told. */
export const told = (work) => async (...given) => {
  try {
    return await work(...given);
  } catch (error) {
    notice(error.message ?? error);
    return undefined;
  }
};

/** A labelled input. */
export function field(label, input, hint = "") {
  return h("label", { class: "field" }, h("span", {}, label), input, hint && h("span", { class: "soft small" }, hint));
}

export function check(label, input) {
  return h("label", { class: "check" }, input, h("span", {}, label));
}

export const seconds = (value) => `${Math.floor(value / 60)}:${(value % 60).toFixed(2).padStart(5, "0")}`;
export const number = (value) => (value === null || value === undefined ? "–" : Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(3));
export const when = (time) => new Date(time * 1000).toLocaleString();

/** Text with a button that copies it. */
export function copyable(label, text) {
  const button = h("button", { type: "button", class: "small", onclick: told(async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  }) }, "Copy");
  return h("div", {}, h("div", { class: "row" }, h("span", { class: "soft small" }, label), h("span", { class: "push" }, button)), h("pre", {}, text));
}

/** Values after the # of the address, so that a reload finds them again. */
export function place() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}
export function goTo(values) {
  history.replaceState(null, "", `#${new URLSearchParams(values)}`);
}
