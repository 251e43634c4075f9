import { refuseUnknownSettings } from '../clusterSettings.ts';
import type { Command } from '../command.ts';

export const hook: Command = async (words, { env, signal, stdout }) => {
  refuseUnknownSettings(env);
  const { runHook } = await import('../../hooks/main.ts');
  return await runHook(words, env, signal, (text) => void stdout.write(text));
};
