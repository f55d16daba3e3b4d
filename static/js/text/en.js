/**
 * Every sentence and label that the page's scripts write, in English. Texts with a number in them
 * are functions of it. Another language is a copy of this file and of text/en; see
 * docs/decisions/0011-texts.md.
 */
import { check } from "./en/check.js";
import { lesson } from "./en/lesson.js";
import { lessonList } from "./en/lesson-list.js";
import { marking } from "./en/marking.js";
import { ui } from "./en/ui.js";

export const TEXT = { check, lesson, lessonList, marking, ui };
