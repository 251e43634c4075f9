import type { ImageData, ImageUser } from '../resource/niximage.ts';
import { renderEntry } from './entry.ts';
import { call, json, multiline, type Node, raw, string, strings } from './layout.ts';
import { groupOf, homeOf, uidOf } from './user.ts';
import { withPackages } from './withPackages.ts';

/** What `contents` lists: the user's packages, then what `defaults` and other fields add to them. */
export function contents(data: ImageData): Node {
  const packages = [
    ...(data.contents ?? []).map((each) => raw(renderEntry(each))),
    ...(data.withPackages ?? []).map(withPackages),
  ];
  const linked = data.buildEnv === undefined ? packages : [environmentOf(data.buildEnv, packages)];
  const items = [...linked, ...addedByDefaults(data), ...localeAndZone(data), ...files(data)];
  return { kind: 'List', before: 'with pkgs; ', items };
}

/** nixpkgs' `buildEnv` of the packages: which of their files are linked. */
function environmentOf(given: NonNullable<ImageData['buildEnv']>, packages: readonly Node[]): Node {
  return call('buildEnv', [
    ['name', string('environment')],
    // A `with` of its own: Nix looks names up at once in one that it has looked into before, and tells no entry then.
    ['paths', { kind: 'List', before: 'with pkgs; ', items: packages }],
    ...Object.entries(given).map(([name, value]) => [name, json(value)] as const),
  ]);
}

function addedByDefaults({ defaults, user }: ImageData): Node[] {
  const accounts = user === undefined ? raw('dockerTools.fakeNss') : accountsOf(user);
  if (defaults) return [raw('dockerTools.caCertificates'), accounts, raw('dockerTools.usrBinEnv')];
  return user === undefined ? [] : [accounts];
}

/** passwd(5) and group(5), with a line more than nixpkgs' own. */
function accountsOf(user: ImageUser): Node {
  const { name } = user;
  const [uid, gid] = [uidOf(user), groupOf(user)];
  return call('dockerTools.fakeNss.override', [
    ['extraPasswdLines', strings([`${name}:x:${uid}:${gid}:${name}:${homeOf(user)}:/bin/sh`])],
    ['extraGroupLines', strings([`${name}:x:${gid}:`])],
  ]);
}

function localeAndZone({ locale, timeZone }: ImageData): Node[] {
  const locales =
    locale === undefined || locale === 'C.UTF-8'
      ? []
      : [
          call('glibcLocales.override', [
            ['allLocales', raw('false')],
            ['locales', strings([`${locale}/UTF-8`])],
          ]),
        ];
  return [...locales, ...(timeZone === undefined ? [] : [raw('tzdata')])];
}

function files({ files: given = [] }: ImageData): Node[] {
  return given.map(({ path, text: content = '', executable }) =>
    call('writeTextFile', [
      ['name', string(fileName(path))],
      ['destination', string(path)],
      ['text', multiline(content)],
      ...(executable === true ? [['executable', raw('true')] as const] : []),
    ]),
  );
}

/** A store path's name begins with no dot. */
function fileName(path: string): string {
  return (path.split('/').at(-1) ?? '').replace(/^\./, 'dot-');
}
