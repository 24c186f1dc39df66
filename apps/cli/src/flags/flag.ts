/** The kinds of flags that a command can have: what each reads from the command line or a config file, and into what. */
import { PropriaError } from "@propria/base";
import { nearestName } from "@propria/metrics";

/** One flag of a command. `Value` is what the command gets. */
export interface Flag<Value> {
  /** `value`: one text; `toggle`: its presence is true; `list`: may be repeated. */
  readonly kind: "value" | "toggle" | "list";
  /** What stands for the value in the help: `PATH`, `N`. */
  readonly placeholder?: string;
  readonly about: string;
  readonly required: boolean;
  /** The value when the flag stands nowhere. */
  readonly fallback: Value;
  /** A list whose values may follow each other: `--run A B`. */
  readonly variadic?: boolean;
  /** From the text of the command line, or what JSON or YAML holds; `at` is for errors. */
  read(raw: unknown, at: string): Value;
}

/** The flags of a command, by their names in camelCase: `checkpointEvery` is `--checkpoint-every`. */
export type Flags = { readonly [name: string]: Flag<unknown> };

/** The values of a command's flags. */
export type Values<F extends Flags> = { readonly [Name in keyof F]: F[Name] extends Flag<infer Value> ? Value : never };

type Optional<Value> = Flag<Value | undefined>;
const optional = { required: false, fallback: undefined } as const;

/** A flag that has to be given. */
export const required = <Value>(flag: Optional<Value>): Flag<Value> =>
  ({ ...flag, required: true }) as unknown as Flag<Value>;

/** A flag with a default, which the help shows. */
export const defaulted = <Value>(flag: Optional<Value>, fallback: Value): Flag<Value> =>
  ({ ...flag, fallback }) as unknown as Flag<Value>;

/** A text: a path, a name. */
export const text = (placeholder: string, about: string): Optional<string> => ({
  kind: "value",
  placeholder,
  about,
  ...optional,
  read: (raw, at) => {
    if (typeof raw !== "string" && typeof raw !== "number") throw wrong(at, "a text", raw);
    if (String(raw) === "") throw wrong(at, "a text that is not empty", raw);
    return String(raw);
  },
});

/** One of a few words. */
export const choice = <const Word extends string>(words: readonly Word[], about: string): Optional<Word> => ({
  kind: "value",
  placeholder: words.join("|"),
  about,
  ...optional,
  read: (raw, at) => {
    const word = words.find((each) => each === raw);
    if (word !== undefined) return word;
    const near = nearestName(String(raw), words);
    throw wrong(at, words.join(", "), raw, near === undefined ? undefined : `did you mean ${near}?`);
  },
});

/** Limits of a number, both inclusive unless named otherwise. */
export interface Limits {
  min?: number;
  max?: number;
  /** Exclusive lower limit. */
  above?: number;
  /** Exclusive upper limit. */
  below?: number;
  /** Nothing but whole numbers. */
  whole?: boolean;
}

/** Any number within limits. */
export const number = (placeholder: string, about: string, limits: Limits = {}): Optional<number> => ({
  kind: "value",
  placeholder,
  about,
  ...optional,
  read: (raw, at) => within(numberOf(raw, at, "a number"), limits, at),
});

/** A whole number within limits; default: at least 1. */
export const integer = (placeholder: string, about: string, limits: Limits = { min: 1 }): Optional<number> => ({
  kind: "value",
  placeholder,
  about,
  ...optional,
  read: (raw, at) => {
    const value = numberOf(raw, at, "a whole number");
    if (!Number.isSafeInteger(value)) throw wrong(at, "a whole number", raw);
    return within(value, limits, at);
  },
});

/** On when it is there. */
export const toggle = (about: string): Flag<boolean> => ({
  kind: "toggle",
  about,
  required: false,
  fallback: false,
  read: (raw, at) => {
    if (typeof raw !== "boolean") throw wrong(at, "true or false", raw);
    return raw;
  },
});

/** Texts: the flag is repeated, or, when `variadic`, followed by several. */
export const list = (
  placeholder: string,
  about: string,
  { variadic = false } = {},
): Flag<readonly string[] | undefined> => ({
  kind: "list",
  placeholder,
  about,
  variadic,
  ...optional,
  read: (raw, at) => {
    const items = Array.isArray(raw) ? (raw as unknown[]) : [raw];
    if (items.some((item) => typeof item !== "string" && typeof item !== "number")) throw wrong(at, "texts", raw);
    if (items.length === 0) throw wrong(at, "at least one text", raw);
    return items.map(String);
  },
});

/** Numbers, one after the other or between commas: `--weights 0.3 0.7`. */
export const numbers = (
  placeholder: string,
  about: string,
  limits: Limits = {},
): Flag<readonly number[] | undefined> => ({
  ...(list(placeholder, about, { variadic: true }) as unknown as Flag<readonly number[] | undefined>),
  read: (raw, at) => {
    const items = (Array.isArray(raw) ? (raw as unknown[]) : [raw]).flatMap((item) =>
      typeof item === "string" ? item.split(",").filter(Boolean) : [item],
    );
    if (items.length === 0) throw wrong(at, "at least one number", raw);
    return items.map((item) => within(numberOf(item, at, "a number"), limits, at));
  },
});

/** `key=value` texts; in a config file a mapping will do. */
export const pairs = (placeholder: string, about: string): Flag<readonly string[]> => ({
  ...(list(placeholder, about) as unknown as Flag<readonly string[]>),
  fallback: [],
  read: (raw, at) => {
    const items: unknown[] = isMapping(raw)
      ? Object.entries(raw).map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
      : Array.isArray(raw)
        ? raw
        : [raw];
    const bad = items.find((item) => typeof item !== "string" || !/^[^=]+=/.test(item));
    if (bad !== undefined) throw wrong(at, placeholder, bad);
    return items as string[];
  },
});

/** `checkpointEvery` → `checkpoint-every`: the flag's name on the command line and in a config file. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function numberOf(raw: unknown, at: string, expected: string): number {
  const value = typeof raw === "string" && raw.trim() !== "" ? Number(raw) : raw;
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(at, expected, raw);
  return value;
}

function within(value: number, { min, max, above, below, whole }: Limits, at: string): number {
  if (whole && !Number.isSafeInteger(value)) throw wrong(at, "a whole number", value);
  if (min !== undefined && value < min) throw wrong(at, `at least ${min}`, value);
  if (max !== undefined && value > max) throw wrong(at, `at most ${max}`, value);
  if (above !== undefined && value <= above) throw wrong(at, `more than ${above}`, value);
  if (below !== undefined && value >= below) throw wrong(at, `less than ${below}`, value);
  return value;
}

const isMapping = (raw: unknown): raw is Record<string, unknown> =>
  typeof raw === "object" && raw !== null && !Array.isArray(raw);

const wrong = (at: string, expected: string, found: unknown, mend?: string) =>
  new PropriaError("FLAG_VALUE", `expected ${expected}, found ${JSON.stringify(found)}`, { at, ...(mend && { mend }) });
