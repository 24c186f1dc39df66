/** Flags from a package's own form of options, so that names, limits, defaults and words stand once. */
import { z } from "zod";
import { choice, type Flag, type Flags, integer, type Limits, number, text } from "./flag.ts";

/** What JSON Schema says of one option. */
interface Property {
  type?: string;
  enum?: string[];
  default?: unknown;
  description?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

/**
 * A flag for each option of a form that is a number, a word of a few, a text, or yes and no. What is not given stays undefined, so that the
 * form's default holds.
 *
 * @param leaveOut Options without a flag, or with one of another form.
 */
export function flagsOfForm(form: z.ZodObject, leaveOut: readonly string[] = []): Flags {
  const { properties = {} } = z.toJSONSchema(form, { io: "input", unrepresentable: "any" });
  return Object.fromEntries(
    Object.entries(properties as Record<string, Property>)
      .filter(([name]) => !leaveOut.includes(name))
      .map(([name, property]) => [name, flagOf(property)]),
  );
}

function flagOf(property: Property): Flag<unknown> {
  const { type, enum: words, default: usual, description = "" } = property;
  const about = usual === undefined ? description : withDefault(description, String(usual));
  if (words) return choice(words, about);
  if (type === "boolean") return yesOrNo(about);
  if (type === "integer") return integer("N", about, limitsOf(property));
  if (type === "number") return number("X", about, limitsOf(property));
  return text("TEXT", about);
}

/** That a value is a guess stays at the end. */
function withDefault(description: string, usual: string): string {
  const [, said = description, guess = ""] = /^(.*?)(\. A guess)$/.exec(description) ?? [];
  return `${said}; default: ${usual}${guess}`;
}

const limitsOf = ({ minimum, exclusiveMinimum, exclusiveMaximum }: Property): Limits => ({
  ...(minimum !== undefined && { min: minimum }),
  ...(exclusiveMinimum !== undefined && { above: exclusiveMinimum }),
  ...(exclusiveMaximum !== undefined && { below: exclusiveMaximum }),
});

/** `true` or `false`, for what may be true unless told otherwise. */
function yesOrNo(about: string): Flag<boolean | undefined> {
  const word = choice(["true", "false"], about);
  return {
    ...word,
    fallback: undefined,
    read: (raw, at) => (typeof raw === "boolean" ? raw : word.read(raw, at) === "true"),
  };
}
