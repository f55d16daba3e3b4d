/**
 * Copy text. A browser may refuse it: the clipboard needs permission and a secure context, which a
 * classroom's plain http is not.
 * @param {string} text @returns {Promise<boolean>} whether it was copied
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
