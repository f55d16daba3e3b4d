/** Texts of the pages of programs, which no other page loads. Another language replaces it. */
export { programs as PROGRAMS } from "./en/programs.js";
