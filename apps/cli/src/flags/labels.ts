import type { Labels } from "@propria/rankers";
import { choice, type Flag, numbers } from "./flag.ts";

const named = choice(["binary", "scaled"], "");
const grades = numbers("GRADES", "", { above: 0 });

/** What the grades of judgments mean to a training: `--labels binary`, `scaled` or `1,3`. */
export const labelsFlag: Flag<Labels | undefined> = {
  kind: "value",
  placeholder: "binary|scaled|GRADES",
  about:
    "what grades mean: relevant from 1 on, the share of the highest, or the share of GRADES, rising, that are reached; but for binary, a positive may stand above another of a lower grade; default: binary",
  required: false,
  fallback: undefined,
  read: (raw, at) => (/^[a-z]/i.test(String(raw)) ? named : grades).read(raw, at) as Labels,
};
