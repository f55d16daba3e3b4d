/**
 * Every sentence and label that the page's scripts write, in English. Texts with a number in them
 * are functions of it. Another language is a copy of this file and of text/en; see
 * docs/decisions/0011-texts.md. Pages of a live class take theirs from text/en/classroom.js.
 */
import { check } from "./en/check.js";
import { core } from "./en/core.js";
import { cost } from "./en/cost.js";
import { dock } from "./en/dock.js";
import { examples } from "./en/examples.js";
import { figures } from "./en/figures.js";
import { lesson } from "./en/lesson.js";
import { lessonList } from "./en/lesson-list.js";
import { marking } from "./en/marking.js";
import { provenance } from "./en/provenance.js";
import { remedies } from "./en/remedies.js";
import { server } from "./en/server.js";
import { table } from "./en/table.js";
import { ui } from "./en/ui.js";

export const TEXT = {
  ...{ check, core, cost, dock, examples, figures, lesson, lessonList, marking, provenance },
  ...{ remedies, server, table, ui },
};
