import type { ImageData } from '../resource/niximage.ts';
import { layOut } from './layout.ts';
import { importedCode } from './ownNix.ts';

const noImage =
  'data.expression gives no image; it is to give what dockerTools.buildLayeredImage gives, or a function of { pkgs } that does';

/** An image that the manifest's own Nix code gives: itself, or as a function of the packages. */
export function ownImage(expression: NonNullable<ImageData['expression']>): string {
  const code = layOut(importedCode('data.expression', expression), 2, 'given = '.length);
  return `let
  given = ${code};
  image = if builtins.isFunction given then given { inherit pkgs; } else given;
in
if image ? imageTag then image else throw "${noImage}"`;
}
