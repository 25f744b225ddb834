// Ask language servers about two files that name narrows.schema.json beside them; print what they answer as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const { getLanguageService: jsonService, TextDocument } = require("vscode-json-languageservice");
const { getLanguageService: yamlService } = require("yaml-language-server");
const read = async (uri) => readFileSync(new URL(uri), "utf-8");
const workspaceContext = { resolveRelativePath: (path, base) => new URL(path, base).toString() };
const silent = { send() {}, sendError() {}, sendTrack() {} };

async function ask(name, complete, validate) {
  const path = join(folder, name);
  const text = readFileSync(path, "utf-8");
  const document = TextDocument.create(pathToFileURL(path).toString(), name.split(".")[1], 1, text);
  const after = (mark) => document.positionAt(text.indexOf(mark) + mark.length);
  const mark = name.endsWith("json") ? `{"type": "` : "      type: ";
  const problems = (await validate(document)).map(({ message, range }) => ({ message, line: range.start.line + 1 }));
  const offered = (await complete(document, after(mark))).items.map(({ label }) => label.replaceAll('"', ""));
  return { problems, offered };
}

const json = jsonService({ schemaRequestService: read, workspaceContext });
json.configure({ validate: true });
const yaml = yamlService({ schemaRequestService: read, workspaceContext, telemetry: silent });
yaml.configure({ validate: true, completion: true, schemas: [], customTags: [], yamlVersion: "1.2" });
const answers = {
  json: await ask(
    "experiment.json",
    (document, position) => json.doComplete(document, position, json.parseJSONDocument(document)),
    (document) => json.doValidation(document, json.parseJSONDocument(document)),
  ),
  yaml: await ask(
    "experiment.yaml",
    (document, position) => yaml.doComplete(document, position, false),
    (document) => yaml.doValidation(document, false),
  ),
};
console.log(JSON.stringify(answers));
