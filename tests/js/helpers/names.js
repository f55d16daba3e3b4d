/** How the page names values by their ids: reads a list of ids, writes a list of names, as JSON. */
import { text } from "node:stream/consumers";
import { named } from "../../../static/js/core/names.js";

process.stdout.write(JSON.stringify(JSON.parse(await text(process.stdin)).map(named)));
