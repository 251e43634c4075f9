const forges = ['github', 'gitlab', 'sourcehut'];

/**
 * The flake reference of one commit. Forges have the branch or commit in their path, and refuse a second one; git has it
 * among its parameters; other kinds know no commits and stay as they are.
 * https://nix.dev/manual/nix/stable/command-ref/new-cli/nix3-flake#types
 */
export function pinnedFlake(reference: string, rev: string): string {
  const [, kind = '', path = '', query = ''] = /^([a-z+]+):([^?]*)\??(.*)$/.exec(reference) ?? [];
  const parameters = query.split('&').filter((each) => each !== '');
  if (forges.includes(kind)) {
    const [owner, repository] = path.split('/');
    const rest = parameters.filter((each) => !/^(ref|rev)=/.test(each));
    return withParameters(`${kind}:${owner}/${repository}/${rev}`, rest);
  }
  if (kind !== 'git' && !kind.startsWith('git+')) return reference;
  const rest = parameters.filter((each) => !each.startsWith('rev='));
  return withParameters(`${kind}:${path}`, [...rest, `rev=${rev}`]);
}

/** The flake of a reference in a folder that holds what it refers to, in the same place of it. */
export function flakeInFolder(reference: string, folder: string): string {
  const query = reference.split('?')[1] ?? '';
  return withParameters(
    `path:${folder}`,
    query.split('&').filter((each) => each.startsWith('dir=')),
  );
}

function withParameters(reference: string, parameters: readonly string[]): string {
  return parameters.length === 0 ? reference : `${reference}?${parameters.join('&')}`;
}
