/**
 * Every sentence and label that the page's scripts write, in English. Texts with a number in them
 * are functions of it. Another language is a copy of this file and of text/en; see
 * docs/decisions/0011-texts.md.
 */
import { branch } from "./en/branch.js";
import { check } from "./en/check.js";
import { checks } from "./en/checks.js";
import { classroom } from "./en/classroom.js";
import { commands } from "./en/commands.js";
import { comparison } from "./en/comparison.js";
import { core } from "./en/core.js";
import { cost } from "./en/cost.js";
import { dock } from "./en/dock.js";
import { drawing } from "./en/drawing.js";
import { examples } from "./en/examples.js";
import { experiment } from "./en/experiment.js";
import { figures } from "./en/figures.js";
import { health } from "./en/health.js";
import { help } from "./en/help.js";
import { lesson } from "./en/lesson.js";
import { lessonList } from "./en/lesson-list.js";
import { map } from "./en/map.js";
import { marking } from "./en/marking.js";
import { ownData } from "./en/own-data.js";
import { ownNumbers } from "./en/own-numbers.js";
import { ownTable } from "./en/own-table.js";
import { path } from "./en/path.js";
import { provenance } from "./en/provenance.js";
import { remedies } from "./en/remedies.js";
import { server } from "./en/server.js";
import { share } from "./en/share.js";
import { shares } from "./en/shares.js";
import { sheet } from "./en/sheet.js";
import { slices } from "./en/slices.js";
import { stage } from "./en/stage.js";
import { table } from "./en/table.js";
import { takeAlong } from "./en/take-along.js";
import { transport } from "./en/transport.js";
import { ui } from "./en/ui.js";
import { viewBar } from "./en/view-bar.js";
import { walk } from "./en/walk.js";
import { whoseUpdate } from "./en/whose-update.js";
import { working } from "./en/working.js";

export const TEXT = {
  ...{ branch, check, checks, commands, comparison, core, cost, dock, drawing, examples },
  ...{ experiment, figures, health, help, lesson, lessonList, map, marking, ownData, ownNumbers },
  ...{ ownTable, path, provenance, remedies, server, share, shares, sheet, slices, stage },
  ...{ table, takeAlong, transport, ui, viewBar, walk, whoseUpdate, working },
  ...classroom,
};
