/** Escape sequences of terminals: CSI (colours, cursor), OSC (titles, links) and the two-byte ones. */
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
const control = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Text without colours and control characters; line feeds and tabs are kept. */
export function plainText(text: string): string {
  return text.replace(ansi, '').replace(control, '');
}

/** One line as a terminal would show it at last: what a carriage return goes back over is dropped. */
export function plainLine(text: string): string {
  const shown = text.replace(/\r+$/, '');
  return plainText(shown.slice(shown.lastIndexOf('\r') + 1)).replaceAll('\n', ' ');
}

/** At most `length` UTF-16 units of `text`, never half a character; what is cut is marked by `…`. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, Math.max(0, length - 1));
  const last = cut.charCodeAt(cut.length - 1);
  return `${last >= 0xd800 && last <= 0xdbff ? cut.slice(0, -1) : cut}…`;
}
