// What a listener's address opens: one test, and nothing else of the studio.
import { goTo, h, main, notice, place } from "./dom.js";
import { Session, beginForm } from "./session.js";

const test = location.pathname.split("/").pop(), stage = h("div", { id: "stage" });
const session = new Session(stage, { over: (now) => {
  goTo({});
  stage.replaceChildren(h("p", { class: "card", id: "over" }, `Thank you, ${now.listener}: that was the last trial. You can close this page.`));
} });

function home() {
  stage.replaceChildren(h("section", { class: "card stack" }, h("p", {}, "Nothing tells which sound is which. Close the page when you like: the same name goes on."),
    beginForm(test, "Your name", (identity) => session.go(identity))));
}

main().append(h("h1", {}, "Listening test"), stage);
try {
  const { session: open } = place();
  if (open) await session.go(open);
  else home();
} catch (error) {
  notice(error.message);
  home();
}
