/**
 * The part of a shared link that a server reads: which picture messengers show of it. All else is
 * after "#", which they do not send.
 */

const NAMES = ["run", "step", "sample", "line"];

/**
 * @param {string} href the link to the view
 * @param {{experiment: {id: string} | null, step: number, sample: number | "batch", line: string,
 *   pending: boolean, veil: unknown}} state
 * @returns {string} without a picture where its numbers are not to be seen, or are not there yet
 */
export function withPreview(href, { experiment, step, sample, line, pending, veil }) {
  const url = new URL(href);
  for (const name of NAMES) url.searchParams.delete(name);
  if (experiment && !pending && !veil) {
    const values = [experiment.id, step, sample, line];
    for (const [k, name] of NAMES.entries()) url.searchParams.set(name, String(values[k]));
  }
  return url.href;
}
