// What all pages have in common: the current page in the navigation, and how many jobs there are.
import { get, remove } from "./api.js";
import { h, told } from "./dom.js";

export function shell() {
  const page = document.body.dataset.page;
  for (const link of document.querySelectorAll(".top nav a")) {
    if (link.getAttribute("href") === `/${page}`) link.setAttribute("aria-current", "page");
  }
  const queue = document.getElementById("queue");
  const look = async () => {
    try {
      const { jobs } = await get("/api/status");
      queue.hidden = !jobs;
      queue.textContent = jobs === 1 ? "1 job" : `${jobs} jobs`;
    } catch { /* the studio is gone, or the page is leaving */ }
    setTimeout(look, document.hidden ? 8000 : 3000);
  };
  look();
}

/** A job with its progress and a button that cancels it. */
export function jobView(job) {
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Progress" });
  const text = h("span", { class: "soft small", role: "status" });
  const cancel = h("button", { type: "button", class: "cancel", onclick: told(() => remove(`/api/jobs/${job.id}`)) }, "Cancel");
  const element = h("div", { class: "job stack" }, h("div", { class: "row" }, h("strong", {}, job.title), h("span", { class: "push" }, cancel)), bar, text);
  const show = (now) => {
    bar.value = now.progress;
    text.textContent = now.state === "queued" ? "waits for the jobs before it" : now.state === "failed" ? `failed: ${now.message}` : now.state === "running" ? now.message : now.state;
    text.classList.toggle("bad", now.state === "failed");
    element.dataset.state = now.state;
    cancel.hidden = !["queued", "running"].includes(now.state);
  };
  show(job);
  return { element, show };
}
