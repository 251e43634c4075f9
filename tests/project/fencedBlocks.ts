/** A fenced block of a Markdown file. */
export interface FencedBlock {
  /** The word after the fence: `sh`, `console`, `yaml`, or nothing. */
  readonly language: string;
  readonly text: string;
  /** The line of the opening fence, from 1. */
  readonly line: number;
}

/** The fenced blocks of a Markdown text, in order (https://spec.commonmark.org/0.31.2/#fenced-code-blocks). */
export function fencedBlocks(markdown: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\S*)\s*$/.exec(line);
    if (fence === null) open?.lines.push(line);
    else if (open === undefined) open = { language: fence[1] ?? '', line: index + 1, lines: [] };
    else {
      blocks.push({ language: open.language, text: open.lines.join('\n'), line: open.line });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`the block that line ${open.line} opens is never closed`);
  return blocks;
}

/** The command lines of a shell block: no comments, no empty lines, continued lines joined. */
export function commandLines({ text }: Pick<FencedBlock, 'text'>): string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) =>
      line
        .replace(/\s+#\s.*$/, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '' && !line.startsWith('#'));
}
