import { choice, defaulted, type Flags, text, toggle } from "./flag.ts";

/** Flags that every command has. */
export const generalFlags = {
  configFile: text("FILE", "JSON or YAML in which every flag can stand; flags on the command line win"),
  printConfig: toggle("print the effective settings as a config file, and do nothing else"),
  logLevel: defaulted(
    choice(["silent", "error", "warn", "info", "debug"], "how much to log, as JSON lines on stderr"),
    "silent",
  ),
  debug: toggle("show the stack of an error"),
} as const satisfies Flags;

/** Those that are no setting of a computation, and so stand in no config file. */
export const COMMAND_LINE_ONLY = ["configFile", "printConfig"] as const;
