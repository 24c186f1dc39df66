import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { PropriaError } from "@propria/base";
import { type BackendCheck, checkBackend } from "../doctor/backends.ts";
import { checkIndexes, type IndexCheck } from "../doctor/indexes.ts";
import { text, toggle } from "../flags/flag.ts";
import { defineCommand } from "../program/command.ts";
import { table } from "../program/format.ts";
import { given } from "../program/given.ts";

const OLDEST_NODE = 20;
const GIB = 2 ** 30;

/** `propria doctor` */
export default defineCommand({
  description: "Tries what the program needs of this machine, and says how to get what is missing.",
  examples: ["propria doctor", "propria doctor --paths paths.yaml"],
  flags: {
    paths: text("FILE", "look over the data of experiment run --scale full too, at the paths in this file"),
    json: toggle("print JSON"),
  },
  async run({ paths: pathsFile, json }, { print, version }) {
    const clock = () => performance.now();
    const backends = [await checkBackend("onnx", clock), await checkBackend("cpu", clock)];
    const indexes = await checkIndexes();
    const paths = pathsFile === undefined ? undefined : await checkedPaths(pathsFile);
    const node = { version: process.version, works: Number(process.versions.node.split(".")[0]) >= OLDEST_NODE };
    const machine = {
      platform: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model ?? "unknown",
      threads: availableParallelism(),
      memoryGib: round(totalmem() / GIB),
      freeGib: round(freemem() / GIB),
    };
    if (json)
      print(JSON.stringify({ propria: version, node, machine, backends, indexes, ...given({ paths }) }, null, 2));
    else
      print(
        table(
          [
            ["propria", version],
            ["node", node.works ? node.version : `${node.version}: too old, ${OLDEST_NODE} or newer is needed`],
            ["machine", `${machine.platform}, ${machine.processor}, ${machine.threads} threads`],
            ["memory", `${machine.memoryGib} GiB, ${machine.freeGib} GiB free`],
            ...backends.map(backendRow),
            ...indexes.map(indexRow),
            ...(paths ?? []).map(({ name, path, problem }) => [`data ${name}`, problem ?? `there: ${path}`]),
          ],
          { left: [0, 1] },
        ).join("\n"),
      );
    const broken = backends.filter(({ works }) => !works).map(({ name }) => `backend ${name}`);
    if (!node.works || broken.length > 0)
      throw new PropriaError(
        "UNFIT",
        `this machine lacks ${[...(node.works ? [] : ["a newer Node"]), ...broken].join(", ")}`,
        {
          mend: "npm i onnxruntime-node brings the onnx backend; nodejs.org has newer Nodes",
        },
      );
    const absent = (paths ?? []).filter(({ ok }) => !ok).map(({ name }) => name);
    if (absent.length > 0) throw new PropriaError("UNFIT", `scale full lacks ${absent.join(", ")}`, { at: pathsFile! });
  },
});

async function checkedPaths(file: string) {
  const { checkPaths } = await import("@propria/experiments");
  return checkPaths(file);
}

const backendRow = (check: BackendCheck): string[] => [
  `backend ${check.name}`,
  check.works
    ? `works: ${check.threads} ${check.threads === 1 ? "thread" : "threads"}, ${check.gigaflops.toPrecision(3)} GFLOPS`
    : check.why,
];

const indexRow = (check: IndexCheck): string[] => [
  `index ${check.kind}`,
  check.works ? `works: ${check.name} ${check.version}` : `cannot be used, the others can: ${check.why}`,
];

const round = (value: number): number => Math.round(value * 10) / 10;
