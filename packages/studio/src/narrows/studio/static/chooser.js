// Choosing a sound: drop a file, open one, take one of a folder, or one that the studio has already.
import { get, post, upload } from "./api.js";
import { field, h, told } from "./dom.js";

/** Tell every chooser of the page that the studio has other sounds than before. */
export const soundsChanged = () => document.dispatchEvent(new Event("sounds-changed"));

/** @param {(sound) => void} chosen is told of every sound that was chosen */
export function chooser(chosen, { label = "Sound" } = {}) {
  const file = h("input", { type: "file", accept: "audio/*,.flac,.wav,.mp3,.ogg,.opus,.aif,.aiff,.m4a", "aria-label": `Open an audio file: ${label}` });
  const drop = h("label", { class: "drop" }, file, h("span", { class: "button" }, "Open a file"), h("span", { class: "small" }, "or drop one here"));
  const take = told(async (given) => {
    if (!given) return;
    drop.setAttribute("aria-busy", "true");
    try {
      chosen(await upload(given));
    } finally {
      drop.removeAttribute("aria-busy");
      file.value = "";
      soundsChanged();
    }
  });
  file.addEventListener("change", () => take(file.files[0]));
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files[0]); });

  const kept = h("select", { onchange: told(async () => kept.value && chosen(await get(`/api/sounds/${kept.value}`))) });
  const files = h("select", { onchange: told(async () => {
    if (!files.value) return;
    const [folder, ...path] = files.value.split("|");
    chosen(await post("/api/sounds/file", { folder: Number(folder), path: path.join("|") }));
    soundsChanged();
  }) });
  const keptField = field("Known to the studio", kept), filesField = field("In the folders", files);
  const known = told(async () => {
    const sounds = await get("/api/sounds"), { value } = kept;
    kept.replaceChildren(h("option", { value: "" }, "Choose …"), ...sounds.map((sound) => h("option", { value: sound.id }, `${sound.name} (${sound.seconds.toFixed(1)} s)`)));
    kept.value = sounds.some((sound) => sound.id === value) ? value : "";
    keptField.hidden = !sounds.length;
  });
  const folders = told(async () => {
    const { folders: names } = await get("/api/status");
    const groups = await Promise.all(names.map(async (name, folder) => h("optgroup", { label: name },
      (await get(`/api/files?folder=${folder}`)).map((path) => h("option", { value: `${folder}|${path}` }, path)))));
    files.replaceChildren(h("option", { value: "" }, "Choose …"), ...groups);
    filesField.hidden = !names.length;
  });
  const again = () => {
    if (kept.isConnected) known();
    else document.removeEventListener("sounds-changed", again); // the form it stood in is gone
  };
  document.addEventListener("sounds-changed", again);
  known();
  folders();
  return h("div", { class: "stack chooser" }, drop, filesField, keptField);
}
