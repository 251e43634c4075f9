import { escapeString } from './escape.ts';
import { multiline, type Node, raw } from './layout.ts';

/** Nix code of the user's: in the manifest, or a file of a source. */
export interface OwnNix {
  readonly inline?: string;
  readonly source?: string;
  readonly path?: string;
}

/**
 * The value of Nix code of the user's. What stands in the manifest is made a file of its own, named like its field: what
 * is wrong in it is told by its own lines, and nothing in it can end what stands around it.
 */
export function importedCode(field: string, { inline = '', source, path }: OwnNix): Node {
  if (source !== undefined)
    return raw(
      path === undefined ? `(import <${source}>)` : `(import (<${source}> + ${escapeString(`/${path}`)}))`,
    );
  const file: Node = {
    kind: 'Applied',
    function: `builtins.toFile "${field.replaceAll(/\[(\d+)\]/g, '.$1')}.nix"`,
    argument: multiline(inline),
  };
  const imported: Node = { kind: 'Applied', function: 'import', argument: { kind: 'Grouped', inner: file } };
  return { kind: 'Grouped', inner: imported };
}
