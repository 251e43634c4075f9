import type { PackageSet } from '../../runtime/contract/packageSet.ts';
import type { ImageData } from '../resource/niximage.ts';
import { parseEntry } from './entry.ts';
import { type Entry, type Node, raw, string, strings } from './layout.ts';
import { groupOf, homeOf, uidOf } from './user.ts';

/** The label that tells a demonstration's images from real ones. */
const packageSetLabel = 'k8s.nixos.org/package-set';

const shells: readonly (readonly [packages: readonly string[], program: string])[] = [
  [['bash', 'bashInteractive'], '/bin/bash'],
  [['busybox', 'dash', 'toybox'], '/bin/sh'],
];

/** In the words of the OCI image configuration, which nixpkgs takes over as they are. */
export function configEntries(data: ImageData, packageSet: PackageSet): Entry[] {
  const config = data.config ?? {};
  const entries: Entry[] = [];
  if (config.entrypoint !== undefined) entries.push(['Entrypoint', strings(config.entrypoint)]);
  const cmd = config.cmd ?? defaultCommand(data);
  if (cmd !== undefined) entries.push(['Cmd', strings(cmd)]);
  const env = environment(data);
  if (env.length > 0) entries.push(['Env', strings(env)]);
  if (config.workingDir !== undefined) entries.push(['WorkingDir', string(config.workingDir)]);
  const user = configUser(data);
  if (user !== undefined) entries.push(['User', string(user)]);
  const ports = (config.exposedPorts ?? []).map((port) => withProtocol(String(port)));
  if (ports.length > 0) entries.push(['ExposedPorts', emptySets(ports)]);
  const labels = { ...config.labels, ...(packageSet === 'demo' ? { [packageSetLabel]: packageSet } : {}) };
  if (Object.keys(labels).length > 0)
    entries.push([
      'Labels',
      { kind: 'Set', entries: Object.entries(labels).map(([name, value]) => [name, string(value)]) },
    ]);
  if (config.stopSignal !== undefined) entries.push(['StopSignal', string(config.stopSignal)]);
  if (config.volumes !== undefined && config.volumes.length > 0)
    entries.push(['Volumes', emptySets(config.volumes)]);
  return entries;
}

/** The user's variables, then those that other fields bring and the user does not set. */
function environment({ config, defaults, user, locale, timeZone }: ImageData): string[] {
  const given = config?.env ?? [];
  const brought: (readonly [string, string])[] = [];
  if (defaults) brought.push(['SSL_CERT_FILE', '/etc/ssl/certs/ca-bundle.crt']);
  if (user !== undefined) brought.push(['HOME', homeOf(user)]);
  if (locale !== undefined) brought.push(['LANG', locale]);
  if (locale !== undefined && locale !== 'C.UTF-8')
    brought.push(['LOCALE_ARCHIVE', '/lib/locale/locale-archive']);
  if (timeZone !== undefined) brought.push(['TZ', timeZone], ['TZDIR', '/share/zoneinfo']);
  const missing = brought.filter(([name]) => !given.some((each) => each.name === name));
  return [
    ...given.map(({ name, value }) => `${name}=${value}`),
    ...missing.map(([name, value]) => `${name}=${value}`),
  ];
}

/** By number: a Pod that must not run as root is refused where only a name is known. */
function configUser({ user, config }: ImageData): string | undefined {
  if (user !== undefined) return `${uidOf(user)}:${groupOf(user)}`;
  return config?.user === undefined ? undefined : String(config.user);
}

/** A shell, where the image has one and the user asks for nothing else. */
function defaultCommand({ contents: paths = [], config, defaults }: ImageData): string[] | undefined {
  if (!defaults || config?.entrypoint !== undefined) return undefined;
  const names = paths
    .map(parseEntry)
    .flatMap(({ kind, path }) => (kind === 'Attribute' && path.length === 1 ? path : []));
  const shell = shells.find(([packages]) => packages.some((each) => names.includes(each)));
  return shell === undefined ? undefined : [shell[1]];
}

function withProtocol(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`;
}

/** Names that stand for themselves: Docker's way to write a set. Nix refuses the same name twice. */
function emptySets(names: readonly string[]): Node {
  return { kind: 'Set', entries: [...new Set(names)].map((name) => [name, raw('{ }')]) };
}
