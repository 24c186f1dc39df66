// Compiles each src/wasm/NAME.wat to src/wasm/NAME.wasm.ts, a base64 constant. Run it after a change: npm run wasm
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import wabt from "wabt";

const folder = new URL("../src/wasm/", import.meta.url);
const compiler = await wabt();

for (const file of readdirSync(folder).filter((name) => name.endsWith(".wat"))) {
  const compiled = compiler.parseWat(file, readFileSync(new URL(file, folder), "utf8"), { simd: true });
  const base64 = Buffer.from(compiled.toBinary({}).buffer).toString("base64");
  const source = `/** ${file}, compiled by \`npm run wasm\`. */\nexport default\n  "${base64}";\n`;
  writeFileSync(new URL(file.replace(".wat", ".wasm.ts"), folder), source);
}
