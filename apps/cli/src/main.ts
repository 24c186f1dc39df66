/** The program `propria`. */
import { failureOf, stackOf } from "./program/failure.ts";
import { runProgram } from "./program/run-command.ts";

// A reader that has seen enough (`| head`) closes the pipe: no error.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
process.on("uncaughtException", (error) => {
  const { line, status } = failureOf(error);
  process.stderr.write(`propria: ${line}\n${process.argv.includes("--debug") ? `${stackOf(error)}\n` : ""}`);
  process.exit(status);
});

const status = await runProgram(process.argv.slice(2));
if (status === 0) process.exitCode = 0;
else process.stdout.write("", () => process.exit(status)); // a thread that an error left behind holds nothing up
