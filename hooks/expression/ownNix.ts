import { multiline, type Node } from './layout.ts';

/**
 * Nix code of the manifest's, as a file of its own: what is wrong in it is told by its own lines, and nothing in it can
 * end what stands around it. The file is named like the field that it comes from.
 */
export function importedCode(field: string, code: string): Node {
  const file: Node = {
    kind: 'Applied',
    function: `builtins.toFile "${field.replaceAll(/\[(\d+)\]/g, '.$1')}.nix"`,
    argument: multiline(code),
  };
  return {
    kind: 'Grouped',
    inner: { kind: 'Applied', function: 'import', argument: { kind: 'Grouped', inner: file } },
  };
}
