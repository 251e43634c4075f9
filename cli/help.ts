/** `niximage --help`. */
export function programHelp(
  commands: readonly { readonly name: string; readonly summary: string }[],
): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'niximage - container images from a list of Nix packages',
    '',
    'usage: niximage COMMAND [OPTIONS]',
    '',
    'commands',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'first steps',
    '  niximage up examples/curl-and-jq.yaml      build it and serve it on 127.0.0.1:5001',
    '  niximage build examples/curl-and-jq.yaml   build it only',
    '  niximage COMMAND --help                    options and examples of one command',
    '',
  ].join('\n');
}
