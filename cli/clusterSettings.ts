import { hookOptions } from '../hooks/configuration.ts';
import { keeperOptions, serveOptions } from '../registry/configuration.ts';
import { nearNames } from '../runtime/nearNames.ts';
import { environmentName, OptionError } from '../runtime/options.ts';
import type { Terminal } from './command.ts';

/** What the ConfigMap of a cluster may set: the parts share it, so each finds settings of the others too. */
export const settingNames: readonly string[] = [hookOptions, keeperOptions, serveOptions]
  .flatMap((options) => Object.keys(options))
  .map(environmentName);

/**
 * Refuses a setting that no part has. In a Pod, where the cluster's ConfigMap is the environment, a misspelt one would
 * otherwise be passed over without a word; their values are checked where they are read.
 * @throws {OptionError}
 */
export function refuseUnknownSettings(env: Terminal['env']): void {
  if (env['KUBERNETES_SERVICE_HOST'] === undefined) return;
  for (const name of Object.keys(env)) {
    if (!name.startsWith('NIXIMAGE_') || settingNames.includes(name)) continue;
    const [near] = nearNames(name, settingNames);
    const hint = near === undefined ? 'docs/cluster.md lists the settings' : `did you mean ${near}?`;
    throw new OptionError(`${name} in the configuration is no setting of the hook or the registry: ${hint}`);
  }
}
