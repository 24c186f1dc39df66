/** Which sites an adapter's patterns find. */
import { PropriaError } from "@propria/base";
import type { Site, SiteKind } from "@propria/transformer-core";
import type { SitePatterns } from "./define-adapter.ts";

/** What one pattern found. */
export interface Coverage {
  kind: SiteKind;
  pattern: string;
  /** At least one. */
  paths: string[];
}

/**
 * The sites that each pattern finds.
 *
 * @param adapter For the message.
 * @throws {PropriaError} `ADAPTER_SITE` for a pattern that finds none, with those that there are; and when there is no pattern at all.
 */
export function coverageOf(patterns: SitePatterns, sites: readonly Site[], adapter: string): Coverage[] {
  const coverage = Object.entries(patterns).flatMap(([kind, list]) =>
    list.map((pattern): Coverage => {
      const ofKind = sites.filter((site) => site.kind === kind).map(({ path }) => path);
      const paths = ofKind.filter((path) => matches(path, pattern));
      if (paths.length === 0)
        throw new PropriaError("ADAPTER_SITE", `no ${kind} is called ${JSON.stringify(pattern)}`, {
          at: adapter,
          mend: `there are ${shortened(ofKind).join(", ")}; the end of a name is enough, and * is any one part of it`,
        });
      return { kind: kind as SiteKind, pattern, paths };
    }),
  );
  if (coverage.length > 0) return coverage;
  throw new PropriaError("ADAPTER_SITE", "attaches nowhere", { at: adapter, mend: "name at least one site" });
}

/** True for a path that ends in the pattern; `*` in it is any one part, and alone it is any path. */
function matches(path: string, pattern: string): boolean {
  if (pattern === "*") return true;
  const [parts, wanted] = [path.split("."), pattern.split(".")];
  const end = parts.slice(-wanted.length);
  return end.length === wanted.length && wanted.every((part, i) => part === "*" || part === end[i]);
}

/** Those of all layers as one. */
const shortened = (paths: readonly string[]): string[] => [
  ...new Set(paths.map((path) => path.replace(/\.layer\.\d+/, ".layer.*"))),
];
