/**
 * Every sentence and label that the page's scripts write, in English; those of programs are in
 * programs.js. Texts with a number in them are functions of it. Another language is a copy of
 * this file and of text/en; see docs/decisions/0011-texts.md.
 */
import * as check from "./en/check.js";
import { classroom } from "./en/classroom.js";
import { core } from "./en/core.js";
import * as data from "./en/data.js";
import * as dock from "./en/dock.js";
import * as explorer from "./en/explorer.js";
import * as lessons from "./en/lessons.js";
import * as menus from "./en/menus.js";
import { pictures } from "./en/pictures.js";
import { server } from "./en/server.js";
import { words } from "./en/terms.js";
import { ui } from "./en/ui.js";
import * as watching from "./en/watch.js";
import * as working from "./en/working.js";

export const TEXT = {
  ...{ core, pictures, server, ui, words, ...classroom, ...check },
  ...{ ...explorer, ...menus, ...working, ...dock, ...data, ...lessons, ...watching },
};
