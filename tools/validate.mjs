// Reads {"root", "document"} a line, prints true or false a line: the verdict of Ajv on the bundled schemas.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import Ajv2020 from "ajv/dist/2020.js";

const bundle = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const ajv = new Ajv2020.default({ strict: false, schemas: Object.values(bundle.$defs) });
const validators = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const { root, document } = JSON.parse(line);
  if (!validators.has(root)) validators.set(root, ajv.getSchema(bundle.$defs[`${root}.json`].$id));
  console.log(validators.get(root)(document));
}
