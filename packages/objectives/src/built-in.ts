import type { Objective } from "./define-objective.ts";

/** The built-in objectives: one for each folder beside this file that is not the toolkit; a test compares them. */
const folders: Record<string, () => Promise<{ default: Objective }>> = {
  "b-prop": () => import("./b-prop/index.ts"),
  "co-condenser": () => import("./co-condenser/index.ts"),
  condenser: () => import("./condenser/index.ts"),
  costa: () => import("./costa/index.ts"),
  cpdae: () => import("./cpdae/index.ts"),
  ict: () => import("./ict/index.ts"),
  mlm: () => import("./mlm/index.ts"),
  prop: () => import("./prop/index.ts"),
  seed: () => import("./seed/index.ts"),
  simcse: () => import("./simcse/index.ts"),
  "transformer-ict": () => import("./transformer-ict/index.ts"),
  tsdae: () => import("./tsdae/index.ts"),
};

/** Their names, in alphabetical order. */
export const builtInObjectives = (): string[] => Object.keys(folders);

/** A built-in by name; `undefined` for another name. */
export const builtIn = async (name: string): Promise<Objective | undefined> =>
  Object.hasOwn(folders, name) ? (await folders[name]!()).default : undefined;
