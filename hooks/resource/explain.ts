import type { ErrorObject } from 'ajv';
import { nearNames } from '../../runtime/nearNames.ts';
import { type Problem, pathText } from './problem.ts';

/** One of ajv's errors as a sentence for whoever wrote the manifest. */
export function explain(error: ErrorObject, object: unknown): Problem {
  const path = ['data', ...pathOf(error.instancePath, object)];
  const field = pathText(path);
  switch (error.keyword) {
    case 'required':
      return {
        path,
        message: `${field}.${error.params['missingProperty']} is missing${hint(`${field}.${error.params['missingProperty']}`)}`,
      };
    case 'additionalProperties': {
      const unknown = String(error.params['additionalProperty']);
      const known = Object.keys(error.parentSchema?.['properties'] ?? {});
      const [near] = nearNames(unknown, known);
      const message = `${field}.${unknown} is no field here; ${near === undefined ? listed(known) : `did you mean ${near}?`}`;
      return { path: [...path, unknown], message };
    }
    case 'type':
      return {
        path,
        message: error.schemaPath.includes('/anyOf/')
          ? `${field} must be a whole number or a text, not ${shown(error.data)}`
          : typeMessage(field, error.params['type'], error.data, path),
      };
    case 'minItems':
      return { path, message: `${field} is empty${hint(field)}` };
    case 'maxItems':
      return {
        path,
        message: `${field} has ${lengthOf(error.data)} entries; at most ${error.params['limit']} are possible`,
      };
    case 'maxProperties':
      return {
        path,
        message: `${field} has more than the ${error.params['limit']} entries that are possible`,
      };
    case 'maxLength':
      return {
        path,
        message: `${field} is ${lengthOf(error.data)} characters long; at most ${error.params['limit']} are possible`,
      };
    case 'minLength':
      return { path, message: `${field} is empty${hint(field)}` };
    case 'minimum':
    case 'maximum':
      return {
        path,
        message: `${field} is ${shown(error.data)}; it must be ${error.params['comparison']} ${error.params['limit']}`,
      };
    case 'enum':
      return {
        path,
        message: `${field} is ${shown(error.data)}; it is one of ${[error.params['allowedValues']].flat().join(', ')}`,
      };
    case 'pattern':
      return {
        path,
        message: `${field} is ${shown(error.data)}, which cannot be${hint(field) || '; NUL characters are not possible'}`,
      };
    default:
      return { path, message: `${field} ${error.message ?? 'is not as the schema wants it'}` };
  }
}

/** Of many fields a page tells more than a line. */
function listed(known: readonly string[]): string {
  return known.length > 12 ? 'docs/reference.md lists all fields' : `known are ${known.join(', ')}`;
}

/** Indexes are numbers where the value is a list. */
function pathOf(pointer: string, object: unknown): (string | number)[] {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  let at: unknown = memberOf(object, 'data');
  return parts.map((part) => {
    const isList = Array.isArray(at);
    at = memberOf(at, part);
    return isList ? Number(part) : part;
  });
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function typeMessage(
  name: string,
  wanted: unknown,
  value: unknown,
  path: readonly (string | number)[],
): string {
  const last = path.at(-1);
  const label = typeof last === 'string' ? `${last}: ` : '';
  if (wanted === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return `${name} is the ${typeof value === 'number' ? 'number' : 'truth value'} ${String(value)} here; quote it: ${label}"${String(value)}"`;
  if (wanted === 'array' && typeof value === 'string')
    return `${name} is the text ${shown(value)}; it must be a list: ${label}[${value}]`;
  return `${name} must be ${article(String(wanted))}, not ${shown(value)}`;
}

function article(type: string): string {
  const names: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'an object',
    string: 'a text',
    integer: 'a whole number',
    boolean: 'true or false',
  };
  return names[type] ?? `of type ${type}`;
}

/** What would be right, by the field without its indexes. */
function hint(name: string): string {
  const hints: Readonly<Record<string, string>> = {
    'data.contents': '; name one package at least: contents: [curl]',
    'data.contents[]':
      '; an entry is an attribute path of nixpkgs, such as curl, python3Packages.requests or curl.dev, or of a flake: github:owner/repo#pkg',
    'data.tag':
      '; a tag has 1 to 128 letters, digits, dots, dashes and underscores, and begins with none of . and -',
    'data.withPackages[].package': '; it is an attribute path of nixpkgs, such as python3 or haskellPackages',
    'data.withPackages[].packages': '; name one package at least: packages: [requests]',
    'data.withPackages[].packages[]': '; it is an attribute path in that set, such as requests',
    'data.buildEnv.pathsToLink': '; name one folder at least: pathsToLink: [/bin]',
    'data.buildEnv.pathsToLink[]': '; it is an absolute path, such as /bin',
    'data.buildEnv.extraPrefix': '; it is an absolute path of letters, digits, dots, dashes and underscores',
    'data.extraExcludePaths[]': '; an entry is an attribute path of nixpkgs, such as curl',
    'data.user.name': '; a user has lower-case letters, digits, dashes and underscores',
    'data.user.home': '; it is an absolute path of letters, digits, dots, dashes and underscores',
    'data.files[].path':
      '; it is an absolute path of letters, digits, dots, dashes, plus signs and underscores',
    'data.locale': '; a locale is de_DE.UTF-8 or C.UTF-8',
    'data.timeZone': '; a time zone is Europe/Berlin or UTC',
    'data.fromImage.imageDigest': '; a digest is sha256: and 64 hexadecimal digits',
    'data.fromImage.hash': '; a hash is sha256- and 44 characters of base 64',
    'data.created': '; a time is 2026-01-31T12:00:00Z or now',
    'data.mtime': '; a time is 2026-01-31T12:00:00Z or now',
    'data.nixpkgsConfig.allowUnfreePackages[]':
      '; a package is named by its name, without its version: steam',
    'data.nixpkgsConfig.permittedInsecurePackages[]': '; a package is named with its version: openssl-1.1.1w',
    'data.sources[].git.url': '; it begins with https://, http://, ssh://, git:// or file://',
    'data.sources[].git.rev': '; a commit has 40 hexadecimal digits',
    'data.sources[].tarball.url': '; it begins with https://, http:// or file://',
    'data.sources[].tarball.hash': '; a hash is sha256- and 44 characters of base 64',
    'data.sources[].channel': '; a channel is nixos-25.11 or nixpkgs-unstable',
    'data.sources[].flake': '; a flake reference is github:owner/repo or git+https://example.org/repo',
    'data.sources[].files[].path': '; it is a path in the source, such as lib/tools.nix',
    'data.sources[].volume.name': '; the operator of the cluster says what volumes are called',
    'data.sources[].volume.path': '; it is a path on the volume, such as team-a/tools',
    'data.overlays[].path': '; it is a path in the source, such as overlays/one.nix',
    'data.expression.path': '; it is a path in the source, such as images/web.nix',
    'data.compression': '; it is zstd, gzip or none, the first two with a level where wanted: zstd:19',
    'data.pod.cpu': '; it is a number of cores, or 500m',
    'data.pod.memory': '; it is an amount such as 4Gi',
    'data.pod.storage': '; it is an amount such as 20Gi',
    'data.nix.substituters[]': '; it begins with https://, http://, s3://, ssh://, ssh-ng:// or file://',
    'data.nix.claim': '; it is the name of a PersistentVolumeClaim of this namespace',
    'data.nix.pushTo[]': '; it begins with https://, http://, s3://, ssh://, ssh-ng:// or file://',
    'data.nix.builders[].uri': '; it is ssh://user@host or ssh-ng://user@host',
    'data.nix.builders[].systems[]': '; a system is x86_64-linux or aarch64-linux',
    'data.nix.trustedPublicKeys[]': '; a key is cache.nixos.org-1: and 44 characters of base 64',
    'data.secrets.netrc': '; it is the name of a Secret of this namespace',
    'data.secrets.ssh': '; it is the name of a Secret of this namespace',
    'data.secrets.signingKey': '; it is the name of a Secret of this namespace',
    'data.secrets.accessTokens': '; it is the name of a Secret of this namespace',
    'data.overlays[].inline': '; an overlay is Nix code: final: prev: { }',
    'data.expression.inline': '; an expression is Nix code that gives an image',
    'data.config.volumes[]': '; a volume is an absolute path',
    'data.config.workingDir': '; it is an absolute path',
    'data.config.exposedPorts[]': '; a port is 8080, 8080/tcp or 53/udp',
    'data.config.stopSignal': '; a signal is SIGTERM or 15',
    'data.config.user': '; a user is a name or a number, with :group where needed',
    'data.config.env[].name': "; a variable's name holds no = and no NUL",
  };
  return hints[name.replaceAll(/\[\d+\]/g, '[]')] ?? '';
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? Array.from(value).length : Array.isArray(value) ? value.length : 0;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
