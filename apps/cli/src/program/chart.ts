/** Charts as SVG, drawn without a browser. */
import type { TopLevelSpec } from "vega-lite";

const CONFIG = { background: "white", font: "system-ui, sans-serif", view: { stroke: "#ddd" } };

/** A chart as SVG text. vega is loaded here, when it is needed. */
export async function svgOf(spec: TopLevelSpec): Promise<string> {
  const [{ parse, View, Warn }, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const compiled = compile({ ...spec, config: CONFIG });
  const view = new View(parse(compiled.spec), { renderer: "none", logLevel: Warn });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
