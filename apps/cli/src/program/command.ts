import type { Logger } from "pino";
import type { Flags, Values } from "../flags/flag.ts";
import type { ProgressDisplay } from "./progress.ts";

/** What a command gets beside the values of its flags. */
export interface CommandContext {
  /** Bars on stderr. */
  progress: ProgressDisplay;
  /** Aborted by Ctrl-C, if the command has `onInterrupt`. */
  signal: AbortSignal;
  log: Logger;
  /** A line of results, to stdout. */
  print(line: string): void;
  /** A line for the reader, to stderr, above a running bar. */
  note(line: string): void;
  /** Writes the effective settings beside or into what the command wrote; `facts` are for later commands. */
  echoSettings(out: string, facts?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Version of the program. */
  version: string;
}

/** The words that a command takes beside its flags: `list objectives`, `fuse a.run b.run`. */
export interface Words {
  name: string;
  about: string;
  /** What a word may be; default: anything. */
  choices?: readonly string[];
  /** How few words there may be. */
  min: number;
  /** Whether there may be more than one. */
  several?: boolean;
}

/** A command of the program, one file each in `commands/`. */
export interface Command<F extends Flags = Flags> {
  /** What the help says below the usage. */
  description: string;
  /** Lines that can be typed as they are. */
  examples?: readonly string[];
  words?: Words;
  flags: F;
  /** Ctrl-C asks it to stop through `signal`, instead of ending the process; `resumes`: the same command then goes on. */
  onInterrupt?: "resumes" | "stops";
  /** Its `--out` is the folder of a training: when it fails, what is no checkpoint goes. */
  trains?: true;
  run(values: Values<F>, context: CommandContext, words: readonly string[]): Promise<void>;
}

/** Gives its argument back; it is here for the types. */
export const defineCommand = <F extends Flags>(command: Command<F>): Command<F> => command;
