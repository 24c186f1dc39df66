#!/usr/bin/env node
// Committed as it is: npm links bins before anything is built.
try {
  await import("../dist/main.js");
} catch (error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND" || !String(error.url).includes("/dist/")) throw error;
  const missing = error.url.replace(/^file:\/\/|^.*(?=@propria)/, "");
  process.stderr.write(`propria: ${missing}: is not built yet (npm run build, at the top of the repository)\n`);
  process.exitCode = 2;
}
