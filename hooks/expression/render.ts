import type { PackageSet } from '../../runtime/contract/packageSet.ts';
import type { ImageConfig, ImageData } from '../resource/niximage.ts';
import { parseAttributePath, renderAttributePath } from './attributePath.ts';
import { layOut, type Node, raw, string, strings } from './layout.ts';

/** The label that tells a demonstration's images from real ones. */
const packageSetLabel = 'k8s.nixos.org/package-set';

const certificates = 'SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt';
const shells: readonly (readonly [packages: readonly string[], program: string])[] = [
  [['bash', 'bashInteractive'], '/bin/bash'],
  [['busybox', 'dash', 'toybox'], '/bin/sh'],
];

type Entry = readonly [name: string, value: Node];

/**
 * The Nix expression of an image: a function of `pkgs` that calls nixpkgs' `dockerTools.buildLayeredImage`, as a person
 * would write it. Every name, text and number of the user's stands in it by its own escaping.
 */
export function renderExpression(
  image: { readonly name: string; readonly data: ImageData },
  { packageSet }: { readonly packageSet: PackageSet },
): string {
  const { name, data } = image;
  const config = configEntries(data, packageSet);
  const entries: Entry[] = [
    ['name', string(name)],
    ['tag', string(data.tag)],
    ['contents', contents(data)],
    ...(data.maxLayers === undefined ? [] : [['maxLayers', raw(String(data.maxLayers))] as const]),
    ...(data.defaults
      ? [['extraCommands', { kind: 'Lines', lines: ['mkdir -p tmp', 'chmod 1777 tmp'] }] as const]
      : []),
    ...(config.length === 0 ? [] : [['config', { kind: 'Set', entries: config }] as const]),
  ];
  const call: Node = { kind: 'Set', before: 'pkgs.dockerTools.buildLayeredImage ', entries };
  return `{ pkgs ? import <nixpkgs> { } }:\n\n${layOut(call)}\n`;
}

function contents(data: ImageData): Node {
  const paths = data.contents.map((each) => raw(renderAttributePath(each)));
  if (!data.defaults) return { kind: 'List', before: 'with pkgs; ', items: paths };
  const added = ['caCertificates', 'fakeNss', 'usrBinEnv'].map((each) => raw(`dockerTools.${each}`));
  return { kind: 'List', before: 'with pkgs; ', items: [...paths, ...added] };
}

/** In the words of the OCI image configuration, which nixpkgs takes over as they are. */
function configEntries(data: ImageData, packageSet: PackageSet): Entry[] {
  const config = data.config ?? {};
  const entries: Entry[] = [];
  if (config.entrypoint !== undefined) entries.push(['Entrypoint', strings(config.entrypoint)]);
  const cmd = config.cmd ?? defaultCommand(data);
  if (cmd !== undefined) entries.push(['Cmd', strings(cmd)]);
  const env = environment(config, data.defaults);
  if (env.length > 0) entries.push(['Env', strings(env)]);
  if (config.workingDir !== undefined) entries.push(['WorkingDir', string(config.workingDir)]);
  if (config.user !== undefined) entries.push(['User', string(String(config.user))]);
  const ports = (config.exposedPorts ?? []).map((port) => withProtocol(String(port)));
  if (ports.length > 0) entries.push(['ExposedPorts', emptySets(ports)]);
  const labels = { ...config.labels, ...(packageSet === 'demo' ? { [packageSetLabel]: packageSet } : {}) };
  if (Object.keys(labels).length > 0)
    entries.push([
      'Labels',
      { kind: 'Set', entries: Object.entries(labels).map(([name, text]) => [name, string(text)]) },
    ]);
  if (config.stopSignal !== undefined) entries.push(['StopSignal', string(config.stopSignal)]);
  if (config.volumes !== undefined && config.volumes.length > 0)
    entries.push(['Volumes', emptySets(config.volumes)]);
  return entries;
}

function environment(config: ImageConfig, defaults: boolean): string[] {
  const given = (config.env ?? []).map(({ name, value }) => `${name}=${value}`);
  const hasCertificates = (config.env ?? []).some(({ name }) => name === 'SSL_CERT_FILE');
  return defaults && !hasCertificates ? [...given, certificates] : given;
}

/** A shell, where the image has one and the user asks for nothing else. */
function defaultCommand({ contents: paths, config, defaults }: ImageData): string[] | undefined {
  if (!defaults || config?.entrypoint !== undefined) return undefined;
  const names = paths
    .map((path) => parseAttributePath(path))
    .filter(({ length }) => length === 1)
    .flat();
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
