/** Texts of the pages of programs, which no other page loads. Another language replaces it. */
import { programs } from "./en/programs.js";

export const PROGRAMS = programs;
