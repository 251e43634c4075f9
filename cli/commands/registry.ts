import { refuseUnknownSettings } from '../clusterSettings.ts';
import type { Command } from '../command.ts';

export const registry: Command = async (words, { env, signal, stdout }) => {
  refuseUnknownSettings(env);
  const { runRegistry } = await import('../../registry/main.ts');
  return await runRegistry(words, env, signal, (text) => void stdout.write(text));
};
