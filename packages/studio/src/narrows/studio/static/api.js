// The JSON API, see /api/openapi.json.

async function send(method, path, body, options = {}) {
  const answer = await fetch(path, { method, body, ...options });
  if (!answer.ok) {
    let text = `${answer.status} ${answer.statusText}`;
    try {
      text = (await answer.json()).error ?? text;
    } catch { /* no JSON: the status must do */ }
    throw Object.assign(new Error(text), { status: answer.status });
  }
  return answer;
}

export const get = async (path) => (await send("GET", path)).json();
export const remove = async (path) => (await send("DELETE", path)).json();
export const post = async (path, body) =>
  (await send("POST", path, JSON.stringify(body), { headers: { "content-type": "application/json" } })).json();
export const bytes = async (path) => (await send("GET", path)).arrayBuffer();
export const upload = async (file) =>
  (await send("POST", `/api/sounds?name=${encodeURIComponent(file.name)}`, file)).json();

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Follow a job until it is over; `changed` is told of each state. The server keeps it, whatever the page does. */
export async function follow(identity, changed) {
  for (;;) {
    const job = await get(`/api/jobs/${identity}`);
    changed(job);
    if (["done", "failed", "cancelled"].includes(job.state)) return job;
    await pause(document.hidden ? 1500 : 350);
  }
}
