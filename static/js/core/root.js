/**
 * The path from this page to the program: "./" or "../". Every address that a page requests or
 * links to begins with it, so that the program also works below a path of another server, such as
 * /user/name/proxy/8000/.
 */
export const ROOT = globalThis.document?.body.dataset.root ?? "./";
export const API = `${ROOT}api/v1`;

/** The whole address of a path of the program, to be taken elsewhere. @param {string} [path] */
export const absolute = (path = "") => new URL(ROOT + path, location.href).href;
