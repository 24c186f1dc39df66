import { PropriaError } from "@propria/base";
import type { z } from "zod";
import type { Adapter } from "./define-adapter.ts";

/**
 * An adapter's options from values by name, defaults filled in.
 *
 * @throws {PropriaError} `ADAPTER_OPTION` for a name that there is not, or a value that the schema refuses.
 */
export function adapterOptions<Options extends z.ZodObject>(
  { name: adapter, options }: Pick<Adapter<Options>, "name" | "options">,
  values: Readonly<Record<string, unknown>> = {},
): z.output<Options> {
  const known = Object.keys(options.shape);
  const unknown = Object.keys(values).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new PropriaError("ADAPTER_OPTION", `${adapter} has no option ${JSON.stringify(unknown)}`, {
      mend: `there are ${known.join(", ")}`,
    });
  const parsed = options.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const option = String(issue!.path[0]);
  const { description } = (options.shape[option] ?? {}) as { description?: string };
  throw new PropriaError("ADAPTER_OPTION", issue!.message, {
    at: `${adapter}.${issue!.path.join(".")}`,
    ...(description && { mend: description }),
  });
}
