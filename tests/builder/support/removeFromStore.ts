import { execa } from 'execa';
import { nixConfig } from '../../support/nixConfig.ts';

/** Removes what a derivation gave, and all that needs it, from this machine's store. @param text a Nix expression. */
export async function removeFromStore(text: string): Promise<void> {
  const env = { NIX_CONFIG: nixConfig };
  const words = ['--eval', '--strict', '-E', `(${text}).outPath`];
  const { stdout } = await execa('nix-instantiate', words, { env });
  const needing = await execa('nix-store', ['--query', '--referrers-closure', JSON.parse(stdout)], { env });
  await execa('nix-store', ['--delete', ...needing.stdout.split('\n')], { env });
}
