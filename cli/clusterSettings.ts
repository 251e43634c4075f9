import { nearNames } from '../runtime/nearNames.ts';
import { OptionError } from '../runtime/options.ts';
import type { Terminal } from './command.ts';

/**
 * What the ConfigMap of a cluster may set: the parts share it, so each finds settings of the others too. They are the
 * options of the hook and the registry, which a test compares; to import those would cost the registry 30 MB.
 */
export const settingNames: readonly string[] = [
  'NIXIMAGE_ACCESS_FILE',
  'NIXIMAGE_ALLOW',
  'NIXIMAGE_BUILDER_CERTIFICATES',
  'NIXIMAGE_BUILDER_CPU',
  'NIXIMAGE_BUILDER_EGRESS_ALLOW',
  'NIXIMAGE_BUILDER_EGRESS_EXCEPT',
  'NIXIMAGE_BUILDER_IMAGE',
  'NIXIMAGE_BUILDER_LIMITS',
  'NIXIMAGE_BUILDER_MEMORY',
  'NIXIMAGE_BUILDER_NIX_CONFIG',
  'NIXIMAGE_BUILDER_POD',
  'NIXIMAGE_BUILDER_PROXY',
  'NIXIMAGE_BUILDER_PROXY_EXCEPT',
  'NIXIMAGE_BUILDER_STORAGE',
  'NIXIMAGE_BUILDER_TIMEOUT',
  'NIXIMAGE_BUILDS',
  'NIXIMAGE_BUILD_PATIENCE',
  'NIXIMAGE_CACHE',
  'NIXIMAGE_COLLECT_EVERY',
  'NIXIMAGE_DRAIN',
  'NIXIMAGE_HOST',
  'NIXIMAGE_IMMUTABLE_TAGS',
  'NIXIMAGE_INITIALISE',
  'NIXIMAGE_KEEPER_TOKEN_FILE',
  'NIXIMAGE_KEEPER_URL',
  'NIXIMAGE_LOG_LEVEL',
  'NIXIMAGE_NIXPKGS',
  'NIXIMAGE_PACKAGE_SET',
  'NIXIMAGE_PORT',
  'NIXIMAGE_PROCESSES',
  'NIXIMAGE_PUSH_TOKEN_FILE',
  'NIXIMAGE_REGISTRY_HOST',
  'NIXIMAGE_REQUESTS',
  'NIXIMAGE_SCRUB_EVERY',
  'NIXIMAGE_SOURCE_VOLUMES',
  'NIXIMAGE_STORE',
  'NIXIMAGE_TLS_CERT_FILE',
  'NIXIMAGE_TLS_KEY_FILE',
  'NIXIMAGE_TOKEN_FILE',
  'NIXIMAGE_VOLUME_MOUNT_OPTIONS',
  'NIXIMAGE_VOLUME_NODE',
  'NIXIMAGE_VOLUME_PATH',
  'NIXIMAGE_VOLUME_SERVER',
  'NIXIMAGE_VOLUME_SIZE',
  'NIXIMAGE_WAIT',
  'NIXIMAGE_X_ACCEL',
];

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
